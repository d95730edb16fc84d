import type { JsonObject } from '@invoke/contract';
import { PROCEED, refuse, type Decision } from '../decision.js';
import { decideVerdict } from './decide-verdict.js';
import type { CompiledCallPolicy } from './compiled-policy.js';
import type { PolicyFacts } from './policy-verdict.js';

/**
 * Whether what a caller's own intent policy or contract asks for can still come true. Only state that was read now counts;
 * where none was, or a condition cannot tell, the approver will see.
 */
export function decideOwnContract(
  own: CompiledCallPolicy,
  state: JsonObject | null,
  facts: PolicyFacts,
): Decision {
  const value = own.condition?.evaluate({ ...facts, state: state ?? {} });
  if (value?.kind === 'unknown' && value.conflict !== undefined)
    return decideVerdict({ kind: 'conflict', name: value.conflict });
  if (state === null) return PROCEED;
  if (value?.kind === 'false') {
    const source = own.condition?.source;
    return refuse('replan_required', `The condition of this call does not hold any more: ${source}`, {
      details: { condition: source },
    });
  }
  const fails = own.conditions?.evaluate(state).fields.filter(({ verdict }) => verdict === 'fails') ?? [];
  if (fails.length === 0) return PROCEED;
  const fields = fails.map(({ field, condition, actual, why }) => ({
    field,
    condition,
    current: actual,
    ...(why === undefined ? {} : { why }),
  }));
  const names = fields.map(({ field }) => field).join(', ');
  return refuse('replan_required', `Current state does not satisfy the conditions of this call: ${names}.`, {
    details: { fields },
  });
}
