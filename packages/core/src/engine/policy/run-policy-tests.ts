import type { PolicyOutcome, PolicyTest, PolicyTestAnswer } from '@invoke/contract';
import type { PolicyFacts, PolicyVerdict } from '../../domain/policy/policy-verdict.js';
import { toPolicyOutcome } from '../../domain/policy/to-policy-outcome.js';

/** A real call would be refused before any rule is asked: with this code, and why. */
export interface Unasked {
  readonly kind: 'unasked';
  readonly code: 'not_found' | 'tool_not_allowed' | 'tool_conflict';
  readonly why: string;
}

export interface TestBench {
  factsOf(test: PolicyTest): PolicyFacts | Unasked;
  judge(facts: PolicyFacts): PolicyVerdict;
}

/** Runs tables of calls, and says of each that went otherwise than expected what was decided and by which rule. */
export function runPolicyTests(
  tests: readonly PolicyTest[],
  { factsOf, judge }: TestBench,
): PolicyTestAnswer {
  const results = tests.map((test) => {
    const { name, expect: expected } = test;
    const facts = factsOf(test);
    if (isUnasked(facts)) {
      const { code, why } = facts;
      return { name, passed: false, expected, got: { ...NO_RULE, effect: code, reason: why }, why };
    }
    const verdict = judge(facts);
    const got = toPolicyOutcome(verdict);
    const why = whyFailed(expected, got, verdict);
    return { name, passed: why === null, expected, got, why };
  });
  const passed = results.filter((r) => r.passed).length;
  return { passed, failed: results.length - passed, results };
}

const NO_RULE: Omit<PolicyOutcome, 'effect' | 'reason'> = {
  rule: null,
  source: null,
  undecided: null,
  approvers: 0,
};

function isUnasked(facts: PolicyFacts | Unasked): facts is Unasked {
  return 'kind' in facts;
}

/** Null where it went as expected. A rule that is expected has to have had its say, not to be the one that is told. */
function whyFailed(
  { effect, rule }: PolicyTest['expect'],
  got: PolicyOutcome,
  verdict: PolicyVerdict,
): string | null {
  if (got.effect !== effect) return `expected ${effect}, got ${describe(got)}`;
  if (rule === undefined || verdict.kind === 'conflict') return null;
  const said = verdict.hits.some((hit) => hit.rule === rule && hit.effect === effect);
  return said ? null : `expected ${effect} by ${rule}, got ${describe(got)}`;
}

function describe({ effect, rule, reason, undecided }: PolicyOutcome): string {
  if (rule === null) return reason === null ? `${effect}, because no rule applies` : `${effect}: ${reason}`;
  return `${effect} by ${rule}${undecided === null ? '' : `, which cannot be decided: ${undecided}`}`;
}
