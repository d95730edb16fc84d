import type { Shapes } from './api.js';
import type { CallOptions } from './call-options.js';
import { CALL_SHAPE } from './calls.js';
import type { Shape } from './casing.js';

/** The call as `call` takes it, with the tool as `action`. */
export interface PreflightOptions extends Omit<CallOptions, 'tool' | 'action'> {
  /** The tool; also a name that is not registered. */
  readonly action: string;
  /** Mends what can be mended without changing what is done, such as a missing key. */
  readonly applySafeFixes?: boolean | undefined;
}

/** What is known of a call before it is made. */
export interface Preflight {
  readonly riskScore: 'low' | 'medium' | 'high' | 'critical';
  /** 0 (harmless) to 100. */
  readonly riskScoreNumeric: number;
  readonly subject: {
    readonly tool: string;
    readonly safetyClass: 'R' | 'A' | 'B' | 'C' | 'unregistered';
    readonly [member: string]: unknown;
  };
  /** How earlier executions of the same tool ended. */
  readonly simulation: {
    readonly similarTraces: number;
    readonly source: 'store' | 'none';
    readonly completed: number;
    readonly failed: number;
    readonly unknown: number;
    readonly [member: string]: unknown;
  };
  readonly warnings: readonly {
    readonly severity: 'info' | 'warning' | 'error';
    readonly message: string;
  }[];
  readonly recommendedGuardrails: readonly {
    readonly type: string;
    readonly action: string;
    readonly applied: boolean;
  }[];
  readonly safeFixes: { readonly idempotencyKey: string | null };
  /** What would happen if it were called now. */
  readonly decision: 'execute' | 'require_approval' | 'block' | 'replay' | 'wait';
  /** Why, where it is not `execute`: the code that a call would be refused with. */
  readonly code: string | null;
  readonly reason: string | null;
  readonly [member: string]: unknown;
}

export const PREFLIGHT: Shape = {
  subject: {},
  simulation: {},
  warnings: {},
  recommended_guardrails: {},
  safe_fixes: {},
};

export const PREFLIGHT_SHAPES: Shapes = { sent: CALL_SHAPE, received: { preflight: PREFLIGHT } };
