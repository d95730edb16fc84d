import {
  CERTAINTY,
  type FieldProblem,
  type JsonObject,
  type Refusal,
  type Scope,
  type StateRefetch,
} from '@invoke/contract';
import { decideReadScope } from '../domain/access/decide-read-scope.js';
import { decideScope, type ScopeFacts } from '../domain/access/decide-scope.js';
import type { Principal } from '../domain/access/principal.js';
import { refuse, type Decision } from '../domain/decision.js';
import { classifyCertainty } from '../domain/execution/certainty.js';
import type { ToolReply } from '../domain/execution/tool-reply.js';
import { decideLookupTool } from '../domain/policy/decide-failure-policy.js';
import { stateOfAnswer } from '../domain/reconcile/state-of-answer.js';
import { decideParams } from '../domain/tool/decide-params.js';
import type { ToolDefinition } from '../domain/tool/tool-definition.js';
import type { EngineDeps } from './deps.js';
import { within } from './timers.js';

/** Whom a read is made for, and within which context its key's limits are held. */
export interface Reader {
  readonly principal: Principal;
  readonly context: Pick<ScopeFacts['request'], 'agent_id' | 'env' | 'workflow'>;
  readonly traceparent: string | null;
  /** The scope that the request to read came under; `tools:call` where it is left out. */
  readonly under?: Scope;
  /** Where the refetch stands in the request, as a JSON Pointer; `/state_refetch` where it is left out. */
  readonly at?: string;
}

export type StateRead =
  | { readonly kind: 'state'; readonly state: JsonObject }
  /** The tool may not be used for this; nothing was sent. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** It could not be read; nothing is known. */
  | { readonly kind: 'unread'; readonly why: string };

/**
 * Reads the current state of the world by a tool that the caller may call itself and that only reads. Never retried: a read
 * that fails proves nothing, and who asked decides what that means.
 */
export async function readState(refetch: StateRefetch, reader: Reader, deps: EngineDeps): Promise<StateRead> {
  const allowed = decideRefetch(refetch, reader, deps);
  if (allowed.kind === 'refused') return allowed;
  const { tool } = allowed;
  const id = deps.ids.trace();
  const { params } = refetch;
  const reply = await readOnce({ tool, params, executionId: id, traceparent: reader.traceparent }, deps);
  if (reply === null) return { kind: 'unread', why: `no answer within ${tool.card.timeout_ms} ms` };
  const { certainty, message } = classifyCertainty(reply, { card: tool.card, canLookUp: false });
  if (reply.kind !== 'answer' || certainty !== CERTAINTY.effect) return { kind: 'unread', why: message };
  const seen = stateOfAnswer(reply.value);
  return seen.kind === 'none' ? { kind: 'unread', why: seen.why } : seen;
}

export type Refetch =
  { readonly kind: 'ok'; readonly tool: ToolDefinition } | Extract<StateRead, { kind: 'refused' }>;

/** Whether this read may be made: like any call of that tool by the same caller, and only by a read tool. */
export function decideRefetch(
  refetch: StateRefetch,
  { principal, context, under = 'tools:call', at = '/state_refetch' }: Omit<Reader, 'traceparent'>,
  { tools }: Pick<EngineDeps, 'tools'>,
): Refetch {
  const may = decideReadScope(principal, under, refetch.tool);
  if (may.kind === 'refuse') return refused(may);
  const found = tools.catalogue().find(principal.tenant, refetch.tool);
  const usable = decideLookupTool(principal, refetch, { found, at });
  if (usable.kind === 'refuse') return { kind: 'refused', refusal: usable.refusal };
  if (found.kind !== 'found') return refused(refuse('not_found', `There is no tool ${refetch.tool}.`));
  const { tool } = found;
  const fits = decideParams(tool, problemsWith(tool, refetch.params, { tools }), `${at}/params`);
  if (fits.kind === 'refuse') return refused(fits);
  const scoped = decideScope({
    principal,
    tool,
    params: refetch.params,
    // Where the context is a call that names an action, that is not what reading for it does.
    request: tool.card.action === undefined ? context : { ...context, action: tool.card.action },
    scope: under,
  });
  return scoped.kind === 'refuse' ? refused(scoped) : { kind: 'ok', tool };
}

/** What is wrong with the params of a tool, by its schema; null where that cannot be compiled, so that nothing can be said. */
export function problemsWith(
  tool: ToolDefinition,
  params: JsonObject,
  { tools }: Pick<EngineDeps, 'tools'>,
): readonly FieldProblem[] | null {
  const validator = tools.validator(tool);
  return validator === null ? null : (validator(params) ?? []);
}

/** The refusal of a read, pointing into the request. @param at JSON Pointer of the refetch */
export function pointedAt(refusal: Refusal, at: string): Refusal {
  const { errors = [{ pointer: at, message: refusal.message }] } = refusal;
  return { ...refusal, errors };
}

function refused(decision: Extract<Decision, { kind: 'refuse' }>): Extract<StateRead, { kind: 'refused' }> {
  return { kind: 'refused', refusal: decision.refusal };
}

export interface Read {
  readonly tool: ToolDefinition;
  readonly params: JsonObject;
  readonly executionId: string;
  readonly traceparent: string | null;
  readonly mayStillSend?: () => boolean;
}

/** Calls a read tool once, within its own time. Null: there was no answer in time. */
export function readOnce(
  { tool, params, executionId, traceparent, mayStillSend = () => true }: Read,
  { invoker, clock }: EngineDeps,
): Promise<ToolReply | null> {
  const timeoutMs = tool.card.timeout_ms;
  const reply = invoker
    .invoke({
      tool,
      params,
      executionId,
      downstreamKey: null,
      traceparent,
      mayStillSend,
      giveUpAfterMs: timeoutMs,
    })
    .catch((error: unknown): ToolReply => ({
      kind: 'failure',
      sent: true,
      reason: 'internal',
      message: String(error),
    }));
  return within(reply, timeoutMs, clock);
}
