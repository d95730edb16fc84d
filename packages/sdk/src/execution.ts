import type { RequestOptions } from './call-options.js';
import { toCamelKeys, type Shape } from './casing.js';
import type { JsonObject } from './json.js';
import { PREFLIGHT, type Preflight } from './preflight.js';

/** One step of the story of an execution. `at` is milliseconds since 1970. */
export interface TraceStep {
  readonly step: string;
  readonly status: string;
  readonly at: number;
  readonly detail?: string | undefined;
  readonly [member: string]: unknown;
}

/** One attempt to call a tool. Times are milliseconds since 1970. */
export interface Attempt {
  readonly n: number;
  readonly role: 'primary' | 'retry' | 'fallback';
  readonly tool: string;
  readonly state:
    | 'started'
    | 'ok'
    | 'rejected'
    | 'not_sent'
    | 'unknown'
    | 'confirmed_applied'
    | 'confirmed_absent'
    | 'unresolved';
  readonly certainty: 'not_sent' | 'no_effect' | 'effect' | 'unknown' | null;
  readonly reason: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly [member: string]: unknown;
}

/** One read made to learn whether an attempt took effect. */
export interface Lookup {
  readonly n: number;
  /** The attempt it was made for. */
  readonly attempt: number;
  readonly at: number;
  /** Whether it began after the settle time: only then does `absent` count. */
  readonly settled: boolean;
  readonly verdict: 'applied' | 'absent' | 'unclear';
  readonly evidence: string;
  readonly [member: string]: unknown;
}

/** What a signed event of the provider said of an execution. */
export interface Settlement {
  readonly provider: string;
  readonly eventId: string;
  readonly verdict: 'applied' | 'not_applied' | 'unclear';
  /** It says the opposite of what is recorded. */
  readonly contradiction: boolean;
  readonly detail: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly [member: string]: unknown;
}

export type ExecutionStatus =
  | 'accepted'
  | 'pending_approval'
  | 'running'
  | 'retry_wait'
  | 'unknown'
  | 'reconciling'
  | 'needs_review'
  | 'completed'
  | 'failed'
  | 'blocked'
  | 'denied'
  | 'rejected'
  | 'cancelled'
  | 'expired'
  | 'replan_required';

/** The durable record of one call. Times are milliseconds since 1970. */
export interface Execution {
  readonly executionId: string;
  readonly workflowId: string | null;
  readonly status: ExecutionStatus;
  /** The approval or review that it waits for, or by which it was decided. */
  readonly approvalId: string | null;
  readonly decision: string | null;
  readonly finalOutcome: string | null;
  readonly idempotencyKey: string | null;
  readonly tool: string;
  readonly action: string | null;
  readonly agentId: string | null;
  readonly env: string;
  readonly entityId: string | null;
  readonly result: unknown;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly attempts: readonly Attempt[];
  readonly lookups: readonly Lookup[];
  readonly trace: readonly TraceStep[];
  /** What events of the provider said, oldest first; only where one execution is read. */
  readonly settlements?: readonly Settlement[] | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly finishedAt: number | null;
  readonly [member: string]: unknown;
}

export interface ExecutionQuery {
  /** How many a page holds. */
  readonly limit?: number | undefined;
  /** Where to go on: `nextCursor` of an earlier page. */
  readonly cursor?: string | undefined;
  /** Further filters, as the gateway names them. */
  readonly [filter: string]: string | number | boolean | undefined;
}

export interface CreateExecutionOptions extends RequestOptions {
  /** The tool to run. */
  readonly action: string;
  readonly params?: JsonObject | undefined;
  readonly agentId?: string | undefined;
  /** Names this execution: asking again with the same key does not run it again. One is made up where none is given. */
  readonly idempotencyKey?: string | undefined;
  readonly env?: string | undefined;
  readonly applySafeFixes?: boolean | undefined;
  readonly preflightOnly?: false | undefined;
}

/** Only what an execution would meet: nothing is executed. */
export interface PreflightOnlyOptions extends Omit<CreateExecutionOptions, 'preflightOnly'> {
  readonly preflightOnly: true;
}

/** The answer to `preflightOnly`. */
export interface PreflightOnly {
  readonly success: boolean;
  readonly preflight: Preflight;
  readonly [member: string]: unknown;
}

export interface ExecuteWorkflowOptions extends RequestOptions {
  /** The workflow to run. */
  readonly workflow: string;
  /** What it works on. */
  readonly input?:
    | {
        readonly params?: JsonObject | undefined;
        /** For workflows that leave the choice of the tool to who runs them. */
        readonly tool?: string | undefined;
        readonly query?: string | undefined;
        readonly limit?: number | undefined;
      }
    | undefined;
  readonly agentId?: string | undefined;
  /** Names this execution: asking again with the same key does not run it again. One is made up where none is given. */
  readonly idempotencyKey?: string | undefined;
  readonly env?: string | undefined;
}

/** One action, or one workflow. */
export type ExecuteOptions = CreateExecutionOptions | ExecuteWorkflowOptions;

export interface CreatedExecution {
  readonly success: boolean;
  readonly execution: Execution;
  readonly certificate: {
    readonly executionId: string;
    readonly decision: string | null;
    readonly finalOutcome: string | null;
  };
  /** What was known before it was made, where `applySafeFixes` asked for it. */
  readonly preflight?: Preflight | undefined;
  readonly [member: string]: unknown;
}

const EXECUTION: Shape = { error: {}, attempts: {}, lookups: {}, trace: {}, settlements: {} };

export function toExecution(wire: unknown): Execution {
  return toCamelKeys(wire, EXECUTION) as Execution;
}

export function toCreatedExecution(wire: unknown): CreatedExecution {
  return toCamelKeys(wire, {
    execution: EXECUTION,
    certificate: {},
    preflight: PREFLIGHT,
  }) as CreatedExecution;
}
