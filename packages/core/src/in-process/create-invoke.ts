import type {
  CallPolicy,
  CallStatus,
  EntityResolution,
  ExecutionContextState,
  ExecutionView,
  FailurePolicy,
  Problem,
} from '@invoke/contract';
import { fullAccess } from '../domain/access/to-principal.js';
import type { Principal } from '../domain/access/principal.js';
import { toExecutionView } from '../domain/execution/present-execution.js';
import { createEngine, type Engine, type EnginePorts } from '../engine/engine.js';
import type { EngineConfig } from '../engine/deps.js';
import { createExpressionLanguage } from '../engine/expression/cel-language.js';
import { parseCallRequest } from '../engine/parse-request.js';
import { createSchemaCompiler } from '../engine/schema/ajv-schema-compiler.js';
import { createSystemClock } from '../engine/system/system-clock.js';
import { createSystemDigest } from '../engine/system/system-digest.js';
import { createSystemIds } from '../engine/system/system-ids.js';
import type { AddressGuard } from '../ports/address-guard.js';
import type { Log } from '../ports/log.js';
import type { Store } from '../ports/store.js';
import type { ToolInvoker } from '../ports/tool-invoker.js';
import type { CallAnswer } from '../engine/answer.js';
import { createLocalInvoker, toLocalDefinitions, type LocalTool } from './local-tools.js';

export interface InvokeOptions {
  /** Where executions are kept: createSqliteStore(...) or createPostgresStore(...) of @invoke/storage. */
  readonly store: Store;
  /** Functions of this process that act as tools. */
  readonly tools?: readonly LocalTool[];
  /** Calls remote tools: createToolInvoker(...) of @invoke/mcp-client. */
  readonly invoker?: ToolInvoker;
  /** Who calls; without limits where it is left out. */
  readonly principal?: Principal;
  readonly config?: Partial<EngineConfig>;
  readonly log?: Log;
  readonly addresses?: AddressGuard;
  /** Ports to replace in tests: clock, ids, random. */
  readonly ports?: Partial<Pick<EnginePorts, 'clock' | 'ids' | 'random'>>;
}

/** One call. The names are those of the SDK; what they hold is as on the wire. */
export interface InvokeCall {
  readonly tool: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly agentId?: string;
  readonly idempotencyKey?: string;
  readonly action?: string;
  /** Rules or a contract for this one call; it can only tighten. */
  readonly policy?: CallPolicy;
  readonly failurePolicy?: FailurePolicy;
  readonly entityResolution?: EntityResolution;
  readonly executionState?: ExecutionContextState;
  readonly workflow?: string;
  readonly env?: string;
  readonly resource?: string;
  /** How long to wait for the answer, in milliseconds. It never aborts a call that has been sent. */
  readonly timeoutMs?: number;
}

export type InvokeResult =
  | {
      readonly kind: 'execution';
      readonly success: boolean;
      readonly status: CallStatus;
      readonly executionId: string;
      readonly decision: string | null;
      /** What it waits for, where a human decides. */
      readonly approvalId: string | null;
      readonly result: unknown;
      readonly replayed: boolean;
      readonly error: { readonly code: string; readonly message: string } | null;
      readonly traceId: string;
    }
  | {
      readonly kind: 'refused';
      readonly success: false;
      readonly code: string;
      readonly message: string;
      readonly errors: NonNullable<Problem['errors']>;
      readonly traceId: string;
    };

export interface InProcessInvoke {
  call(call: InvokeCall): Promise<InvokeResult>;
  execution(id: string): Promise<ExecutionView | null>;
  /** The engine itself, for whoever builds an entry path of their own. */
  readonly engine: Engine;
  /** Waits for calls under way (at most `graceMs`, 20 s) and closes the store. */
  close(graceMs?: number): Promise<void>;
}

/** The whole pipeline in this process, without any server. */
export async function createInvoke(options: InvokeOptions): Promise<InProcessInvoke> {
  const { store, tools = [], principal = fullAccess('in-process') } = options;
  const digest = createSystemDigest(await store.instanceSecret());
  const invoker = createLocalInvoker(tools, options.invoker ?? null);
  const engine = createEngine(
    {
      store,
      invoker,
      digest,
      keyRing: { find: () => null, byId: (keyId) => (keyId === principal.keyId ? principal : null) },
      schemas: createSchemaCompiler(),
      language: createExpressionLanguage(),
      addresses: options.addresses ?? { check: () => ({ kind: 'ok' }) },
      clock: options.ports?.clock ?? createSystemClock(),
      ids: options.ports?.ids ?? createSystemIds(),
      random: options.ports?.random ?? Math.random,
      log: options.log ?? SILENT,
    },
    {
      builtin: toLocalDefinitions(tools, digest),
      // Who calls is this very process: nobody else is to be kept from flooding it.
      config: { callsUnderWay: Number.POSITIVE_INFINITY, ...options.config },
    },
  );
  await engine.start();
  let calls = 0;
  return {
    engine,
    async call(call) {
      const parsed = parseCallRequest(toWire(call));
      calls += 1;
      const requestId = `local_${calls}`;
      const credential = { kind: 'principal', principal } as const;
      if (parsed.kind === 'refused') {
        return toResult(
          await engine.refuse({ credential, requestId, refusal: parsed.refusal, body: toWire(call) }),
        );
      }
      return toResult(
        await engine.call({
          credential,
          request: parsed.value,
          requestId,
          traceparent: null,
          attachMs: 60_000,
        }),
      );
    },
    async execution(id) {
      const record = await engine.execution(principal, id);
      return record === null ? null : toExecutionView(record, parseText);
    },
    async close(graceMs = 20_000) {
      await engine.stop(graceMs);
      await invoker.close();
      await store.close();
    },
  };
}

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function toWire(call: InvokeCall): Record<string, unknown> {
  const wire = {
    tool: call.tool,
    params: call.params,
    agent_id: call.agentId,
    idempotency_key: call.idempotencyKey,
    action: call.action,
    policy: call.policy,
    failure_policy: call.failurePolicy,
    entity_resolution: call.entityResolution,
    execution_state: call.executionState,
    workflow: call.workflow,
    env: call.env,
    resource: call.resource,
    timeout_ms: call.timeoutMs,
  };
  return Object.fromEntries(Object.entries(wire).filter(([, value]) => value !== undefined));
}

function toResult(answer: CallAnswer): InvokeResult {
  if (answer.kind === 'refused') {
    const { code, message, errors } = answer.refusal;
    return {
      kind: 'refused',
      success: false,
      code,
      message,
      errors: [...(errors ?? [])],
      traceId: answer.traceId,
    };
  }
  const { record, outcome, replayed } = answer;
  const code = record.outcome?.code ?? null;
  return {
    kind: 'execution',
    success: outcome.success,
    status: outcome.status,
    executionId: record.id,
    decision: outcome.decision,
    approvalId: record.outcome?.approvalId ?? null,
    result: record.resultText === null ? null : parseText(record.resultText),
    replayed,
    error: code === null ? null : { code, message: record.outcome?.message ?? '' },
    traceId: record.traceId,
  };
}

function parseText(text: string): unknown {
  return JSON.parse(text);
}
