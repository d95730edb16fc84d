import { CapabilityCard, type CapabilityCardInput, type JsonObject, type RiskLevel } from '@invoke/contract';
import type { z } from 'zod';
import type { ToolReply } from '../domain/execution/tool-reply.js';
import { epochMs } from '../domain/time.js';
import { EVERY_TENANT } from '../domain/tool/catalogue.js';
import { definitionText } from '../domain/tool/definition-text.js';
import type { ToolDefinition } from '../domain/tool/tool-definition.js';
import type { Digest } from '../ports/digest.js';
import type { ToolCall, ToolInvoker } from '../ports/tool-invoker.js';

/** What a function that acts as a tool is given beside its params. */
export interface LocalToolCall {
  readonly executionId: string;
  /** The same for every attempt of this execution: pass it on to systems that honour such keys. */
  readonly idempotencyKey: string | null;
}

/** A tool that is a function in this process. What is not said on its card is as careful as for any other tool. */
export interface LocalTool extends Omit<z.input<typeof CapabilityCard>, 'name'> {
  readonly name: string;
  readonly risk_level?: RiskLevel;
  readonly approval_required?: boolean;
  /**
   * Does the thing and returns its result (JSON). What it throws leaves the outcome unknown, because it may have happened
   * after the effect; throw ToolDeclined where certainly nothing was done.
   */
  run(params: JsonObject, call: LocalToolCall): unknown;
}

/** Thrown by a local tool that certainly did nothing. */
export class ToolDeclined extends Error {
  override readonly name = 'ToolDeclined';
  readonly retryable: boolean;

  constructor(message: string, options: { readonly retryable?: boolean } = {}) {
    super(message);
    this.retryable = options.retryable ?? false;
  }
}

/** Local tools as definitions, there for every tenant. */
export function toLocalDefinitions(
  tools: readonly LocalTool[],
  digest: Pick<Digest, 'sha256'>,
): ToolDefinition[] {
  return tools.map(({ run: _run, risk_level, approval_required, ...card }) => {
    const unversioned = {
      id: card.name,
      key: `local.${card.name}`,
      name: card.name,
      tenant: EVERY_TENANT,
      provider: { id: 'local', slug: 'local' },
      card: CapabilityCard.parse(card satisfies CapabilityCardInput),
      binding: { kind: 'builtin', handler: card.name },
      riskLevel: risk_level ?? 'medium',
      approvalRequired: approval_required ?? false,
    } as const;
    return { ...unversioned, version: digest.sha256(definitionText(unversioned)), updatedAt: epochMs(0) };
  });
}

/** Calls local tools, and hands calls of all other tools to `others`. */
export function createLocalInvoker(tools: readonly LocalTool[], others: ToolInvoker | null): ToolInvoker {
  const byName = new Map(tools.map((t) => [t.name, t]));
  return {
    invoke(call) {
      const { binding } = call.tool;
      const local = binding.kind === 'builtin' ? byName.get(binding.handler) : undefined;
      if (local !== undefined) return runLocal(local, call);
      return others?.invoke(call) ?? Promise.resolve(NO_INVOKER);
    },
    close: async () => others?.close(),
  };
}

const NO_INVOKER: ToolReply = {
  kind: 'failure',
  sent: false,
  reason: 'not_configured',
  message: 'no invoker was given for remote tools',
};
const TOO_MANY_REQUESTS = 429;
const UNPROCESSABLE = 422;

async function runLocal(
  tool: LocalTool,
  { params, executionId, downstreamKey, mayStillSend }: ToolCall,
): Promise<ToolReply> {
  if (!mayStillSend())
    return { kind: 'failure', sent: false, reason: 'fenced', message: 'this process may not act any more' };
  try {
    const value: unknown = await tool.run(structuredClone(params), {
      executionId,
      idempotencyKey: downstreamKey,
    });
    const text = JSON.stringify(value ?? null);
    return { kind: 'answer', status: null, isError: false, text, value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof ToolDeclined) {
      const status = error.retryable ? TOO_MANY_REQUESTS : UNPROCESSABLE;
      const value = { error: error.message };
      return { kind: 'answer', status, isError: true, text: JSON.stringify(value), value };
    }
    return {
      kind: 'failure',
      sent: true,
      reason: 'internal',
      message: error instanceof Error ? error.message : String(error),
    };
  }
}
