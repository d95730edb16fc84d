import type { PolicyOutcome } from '@invoke/contract';
import type { PolicyVerdict } from './policy-verdict.js';

/** A verdict, for people who try rules out. */
export function toPolicyOutcome(verdict: PolicyVerdict): PolicyOutcome {
  if (verdict.kind === 'conflict') {
    const reason = `${verdict.name} has different values in params and variables`;
    return { effect: 'conflict', rule: null, source: null, reason, undecided: null, approvers: 0 };
  }
  const by = verdict.kind === 'allow' ? verdict.hits[0] : verdict.by;
  return {
    effect: verdict.kind,
    rule: by?.rule ?? null,
    source: by?.source ?? null,
    reason: by?.reason ?? null,
    undecided: by?.undecided ?? null,
    approvers: verdict.kind === 'require_approval' ? verdict.approvers : 0,
  };
}
