import { toCamelKeys } from './casing.js';
import type { TraceStep } from './execution.js';

/** The record of one request to act, also of one that was refused. Times are milliseconds since 1970. */
export interface Trace {
  readonly traceId: string;
  readonly executionId: string | null;
  readonly requestId: string;
  readonly tenant: string | null;
  readonly keyId: string | null;
  readonly agentId: string | null;
  readonly tool: string;
  readonly action: string | null;
  readonly env: string | null;
  readonly workflow: string | null;
  /** Where the call stood when it was answered: a call status, or the code of the refusal. */
  readonly status: string;
  readonly code: string | null;
  readonly replayed: boolean;
  readonly entity: {
    readonly entityId: string;
    readonly source: string;
    readonly resolvedAt: string;
  } | null;
  /** Redacted. */
  readonly params: unknown;
  readonly steps: readonly TraceStep[];
  readonly startedAt: number;
  readonly endedAt: number;
  readonly [member: string]: unknown;
}

export interface TraceQuery {
  /** How many a page holds. */
  readonly limit?: number | undefined;
  /** Where to go on: `nextCursor` of an earlier page. */
  readonly cursor?: string | undefined;
  /** Further filters, as the gateway names them. */
  readonly [filter: string]: string | number | boolean | undefined;
}

export function toTrace(wire: unknown): Trace {
  return toCamelKeys(wire, { entity: {}, steps: {} }) as Trace;
}
