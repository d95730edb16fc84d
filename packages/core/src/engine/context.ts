import type { CallRequest, JsonObject, Refusal, TraceStep } from '@invoke/contract';
import type { Freeze } from '../domain/approval/decide-freeze.js';
import type { Charge } from '../domain/budget/charge.js';
import type { PolicyVerdict } from '../domain/policy/policy-verdict.js';
import type { CompiledCallPolicy } from './policy/policies.js';
import type { Principal } from '../domain/access/principal.js';
import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import { invariant } from '../domain/invariant.js';
import type { EpochMs } from '../domain/time.js';
import type { Reach } from '../domain/tool/reach.js';
import type { ToolDefinition } from '../domain/tool/tool-definition.js';
import type { CallIdentity } from './call-identity.js';
import type { EngineDeps } from './deps.js';
import type { Run } from './run.js';

/** One request to act, as every entry path hands it in. */
export interface CallInput {
  /** The raw key of a remote caller, or the principal of one inside the process. */
  readonly credential:
    | { readonly kind: 'key'; readonly raw: string }
    | { readonly kind: 'principal'; readonly principal: Principal };
  readonly request: CallRequest;
  readonly requestId: string;
  readonly traceparent: string | null;
  /** `Prefer: wait`: a duplicate waits this long for its original instead of being refused. Milliseconds. */
  readonly attachMs: number;
  /** How long a caller waits at most who does not say, where its kind waits less than the gateway is set to. Milliseconds. */
  readonly patienceMs?: number;
  /** Whoever repeats this request word for word hands in the same object: what was found out about it is worth keeping. */
  readonly comesAgain?: boolean;
}

/** What the stages know of one call. Each stage fills in its part; later ones may rely on it. */
export interface CallContext {
  readonly input: CallInput;
  readonly traceId: string;
  readonly startedAt: EpochMs;
  readonly steps: TraceStep[];
  principal: Principal | null;
  tool: ToolDefinition | null;
  fallback: ToolDefinition | null;
  lookupTool: ToolDefinition | null;
  params: JsonObject | null;
  identity: CallIdentity | null;
  /** The caller's own policy, compiled. */
  ownPolicy: CompiledCallPolicy | null;
  /** What all rules say. */
  verdict: PolicyVerdict | null;
  /** State read for this call, where it was asked for. */
  liveState: JsonObject | null;
  /** What this call takes from budgets. */
  charges: readonly Charge[];
  /** What a human is to decide on; null where the call may go on. */
  freeze: Freeze | null;
  /** How much of the caller's patience was spent on waiting until anything could be begun. Milliseconds. */
  heldMs: number;
  /** The execution that this call's key names already. */
  known: ExecutionRecord | null;
  /** Nobody has looked yet what the key names. */
  recallDue: boolean;
  run: Run | null;
  /** Why no later stage but `always` ones runs. */
  stop: Stop | null;
}

export type Stop =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'answered'; readonly how: 'replay' | 'attach' | 'current' };

/** The environment of a call that names none. */
export const DEFAULT_ENV = 'default';

export function createContext(input: CallInput, traceId: string, startedAt: EpochMs): CallContext {
  return {
    input,
    traceId,
    startedAt,
    steps: [],
    principal: null,
    tool: null,
    fallback: null,
    lookupTool: null,
    params: null,
    identity: null,
    ownPolicy: null,
    verdict: null,
    liveState: null,
    charges: [],
    freeze: null,
    heldMs: 0,
    known: null,
    recallDue: false,
    run: null,
    stop: null,
  };
}

/** How much longer the caller waits, in milliseconds. */
export function patienceOf({ input, heldMs }: CallContext, { config }: Pick<EngineDeps, 'config'>): number {
  const { request, patienceMs = config.callDeadlineMs } = input;
  return (request.timeout_ms ?? Math.min(config.callDeadlineMs, patienceMs)) - heldMs;
}

/** The tools that this call may reach. */
export function reachOf(ctx: CallContext): Reach {
  return { tool: filled(ctx, 'tool'), fallback: ctx.fallback };
}

/** What an earlier stage has filled in. */
export function filled<K extends 'principal' | 'tool' | 'params' | 'identity' | 'verdict' | 'run'>(
  ctx: CallContext,
  key: K,
): NonNullable<CallContext[K]> {
  const value = ctx[key];
  invariant(value !== null, `${key} is filled in by an earlier stage`);
  return value as NonNullable<CallContext[K]>;
}
