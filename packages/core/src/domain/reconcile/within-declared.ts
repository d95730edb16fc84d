import type { ReconcileSpec } from '@invoke/contract';
import { DEFAULT_LOOKUP_PLAN } from './decide-reconcile.js';

/**
 * A caller's own lookup for a tool whose card declares one. For how long a request may still take effect, and how often it has
 * to be looked up before absence is believed, is known to whoever wrote the card: the caller may ask for more, never for less.
 * Where both ask the same read tool, what the card says of that tool's answers holds for the caller's lookup too.
 */
export function withinDeclared(own: ReconcileSpec, declared: ReconcileSpec): ReconcileSpec {
  const floor = {
    settle: declared.settle_ms ?? DEFAULT_LOOKUP_PLAN.settleMs,
    absentReads: declared.min_absent_reads ?? DEFAULT_LOOKUP_PLAN.minAbsentReads,
  };
  const absentReads = Math.max(own.min_absent_reads ?? 0, floor.absentReads);
  const reads = own.max_reads ?? declared.max_reads ?? DEFAULT_LOOKUP_PLAN.maxReads;
  return {
    ...(own.state_refetch.tool === declared.state_refetch.tool ? ofItsAnswers(declared) : {}),
    ...own,
    settle_ms: Math.max(own.settle_ms ?? 0, floor.settle),
    min_absent_reads: absentReads,
    // One read is early and counts for nothing: with fewer it could never be known that a call did not take effect.
    max_reads: Math.max(reads, absentReads + 1),
  };
}

function ofItsAnswers({ reference_at, effects_at, recheck_ms }: ReconcileSpec): Partial<ReconcileSpec> {
  return {
    ...(reference_at === undefined ? {} : { reference_at }),
    ...(effects_at === undefined ? {} : { effects_at }),
    ...(recheck_ms === undefined ? {} : { recheck_ms }),
  };
}
