import type { FieldDrift, JsonObject, Threshold } from '@invoke/contract';
import { canonicalJson } from '../json/canonical-json.js';
import type { ConditionReport } from '../policy/conditions.js';
import { fieldAt } from '../policy/field-at.js';

export interface DriftFacts {
  readonly threshold: Threshold;
  /** State at freezing; null where nobody said. */
  readonly frozen: JsonObject | null;
  /** The conditions held against live state. */
  readonly report: ConditionReport;
}

/**
 * What has become of each condition since it was frozen. `strict`: the values are those that the human saw, and the
 * conditions hold; `conditions`: they hold. A value that was not frozen (the approver is the first to state it) cannot have
 * changed: there the conditions alone count.
 */
export function toDrift({ threshold, frozen, report }: DriftFacts): readonly FieldDrift[] {
  return report.fields.map(({ field, condition, actual, verdict }) => {
    const before = frozen === null ? ({ kind: 'missing' } as const) : fieldAt(frozen, field);
    const about = {
      field,
      condition,
      frozen: before.kind === 'found' ? before.value : null,
      live: actual ?? null,
    };
    if (actual === undefined) return { ...about, verdict: 'missing' };
    if (verdict !== 'holds') return { ...about, verdict: 'fails' };
    if (before.kind === 'missing') return { ...about, verdict: 'not_frozen' };
    if (canonicalJson(before.value) === canonicalJson(actual)) return { ...about, verdict: 'unchanged' };
    return { ...about, verdict: threshold === 'strict' ? 'changed' : 'changed_but_holds' };
  });
}

const VALID: readonly FieldDrift['verdict'][] = ['unchanged', 'changed_but_holds', 'not_frozen'];

/** Whether what a human approved still stands. */
export function stillStands(drift: readonly FieldDrift[]): boolean {
  return drift.every((d) => VALID.includes(d.verdict));
}
