import { z } from 'zod';
import { DurationMs, Identifier, JsonObject, JsonPointer, ToolReference } from './fields.js';

/** A read tool and the parameters to call it with, to learn the current state of the world. */
export const StateRefetch = z.strictObject({
  tool: ToolReference,
  params: JsonObject.default({}),
});
export type StateRefetch = z.infer<typeof StateRefetch>;

/**
 * Conditions on state: field (a dotted path) to what must hold of it. A value is compared strictly (`"0"` is not `0`);
 * a string may also say `"> 0"`, `"!= paid"`, `"in [a, b]"` or `"between 1 and 5"`.
 */
export const Conditions = z.record(
  z.string().min(1).max(256),
  z.union([z.string().max(4096), z.number(), z.boolean(), z.null()]),
);
export type Conditions = z.infer<typeof Conditions>;

/** What holds where a lookup does not say it. */
export const RECONCILE_DEFAULTS = { min_absent_reads: 2, max_reads: 8 } as const;

/**
 * How to learn whether a call with an unknown outcome took effect: a read tool, and what must hold of its answer.
 * Times are milliseconds.
 */
export const ReconcileSpec = z
  .strictObject({
    /** What the call meant to do; for people and traces. */
    action: Identifier.optional(),
    state_refetch: StateRefetch,
    /** All hold: the call took effect. Definitely not: it did not. A missing field proves nothing. */
    conditions: Conditions.refine((c) => Object.keys(c).length > 0, 'expected at least one condition'),
    /** How long after its timeout a call may still take effect; before that, absence is not believed. */
    settle_ms: DurationMs(0, 3_600_000).optional(),
    /** How many clean reads must say "absent" before another attempt is allowed. */
    min_absent_reads: z.int().min(1).max(10).optional(),
    /** How many reads are made at most before the case goes to a human: more than `min_absent_reads`, because the first is early. */
    max_reads: z.int().min(1).max(50).optional(),
    /** HTTP statuses of the read tool that mean "there is no such thing". */
    absent_statuses: z.array(z.int().min(400).max(499)).max(20).optional(),
    /**
     * Where the read's answer holds the reference that we sent along with the call. An object that carries another one is not
     * ours and means "there is no such thing"; one that carries none proves nothing.
     */
    reference_at: JsonPointer.optional(),
    /**
     * Where the read's answer holds how often the call took effect: a number, or a list with one entry per effect. With it,
     * every call is looked at once more after its end, and more effects than one are told as a breach of contract.
     */
    effects_at: JsonPointer.optional(),
    /** How long after the end of a call that second look is made; also after "absent" had been believed. */
    recheck_ms: DurationMs(100, 86_400_000).optional(),
  })
  .superRefine((spec, issues) => {
    const absent = spec.min_absent_reads ?? RECONCILE_DEFAULTS.min_absent_reads;
    const most = spec.max_reads ?? RECONCILE_DEFAULTS.max_reads;
    if (most > absent) return;
    // The first look is made before the settle time is over, and what it does not find proves nothing.
    const message =
      `expected at least ${absent + 1}: one early read, and the ${absent} of min_absent_reads; ` +
      `with ${most} it could never be known that a call did not take effect. Make it more, or min_absent_reads less`;
    issues.addIssue({ code: 'custom', path: ['max_reads'], message });
  });
export type ReconcileSpec = z.infer<typeof ReconcileSpec>;

/** What happens when the tool fails: bounded, and never a blind retry of an unknown outcome. */
export const FailurePolicy = z.strictObject({
  /** Retries after the first attempt. */
  retry: z.int().min(0).optional(),
  /** A tool to call once, with the same parameters, when the first one certainly did nothing. */
  fallback: ToolReference.optional(),
  on_failure: z.enum(['error', 'escalate']).optional(),
  /** A lookup of one's own. Where the tool's card declares one, its settle time and its absent reads are the least. */
  reconcile: ReconcileSpec.optional(),
});
export type FailurePolicy = z.infer<typeof FailurePolicy>;
