import type { CompiledConditions } from '../policy/conditions.js';
import { redactText } from '../trace/redact.js';
import { shorten, visible } from '../outbox/visible.js';
import type { SettlementRecord } from './settlement-record.js';

export interface PayloadJudgement {
  readonly verdict: SettlementRecord['verdict'];
  /** What the event has in the fields that were looked at. */
  readonly detail: string;
}

type Compiled = Extract<CompiledConditions, { kind: 'ok' }>;

const LONGEST_DETAIL = 500;

/** What an event says of a call, by the conditions of the tool's card. Both at once, or neither, is unclear. */
export function judgePayload(
  payload: Readonly<Record<string, unknown>>,
  { applied, notApplied }: { readonly applied: Compiled; readonly notApplied: Compiled | null },
): PayloadJudgement {
  const yes = applied.evaluate(payload);
  const no = notApplied?.evaluate(payload) ?? null;
  const saysYes = yes.verdict === 'true';
  const saysNo = no?.verdict === 'true';
  const fields = new Map([...yes.fields, ...(no?.fields ?? [])].map((f) => [f.field, f.actual]));
  const seen = [...fields].map(([field, actual]) => `${field} is ${JSON.stringify(actual) ?? 'missing'}`);
  const detail = shorten(visible(redactText(seen.join(', '))), LONGEST_DETAIL);
  if (saysYes === saysNo) return { verdict: 'unclear', detail };
  return { verdict: saysYes ? 'applied' : 'not_applied', detail };
}
