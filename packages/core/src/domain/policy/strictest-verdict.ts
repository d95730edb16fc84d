import type { PolicyVerdict } from './policy-verdict.js';

/**
 * What rules say of a call as a whole, where it may reach more than one tool: as within one verdict, deny wins over a name
 * that means two things, which wins over require_approval, which wins over allow.
 */
export function strictestVerdict(verdicts: readonly PolicyVerdict[]): PolicyVerdict {
  const hits = verdicts.flatMap((v) => (v.kind === 'conflict' ? [] : v.hits));
  const denial = verdicts.find((v) => v.kind === 'deny');
  if (denial !== undefined) return { ...denial, hits };
  const conflict = verdicts.find((v) => v.kind === 'conflict');
  if (conflict !== undefined) return conflict;
  const asking = verdicts.filter((v) => v.kind === 'require_approval');
  const [first] = asking;
  if (first === undefined) return { kind: 'allow', hits };
  return { ...first, approvers: Math.max(...asking.map((v) => v.approvers)), hits };
}
