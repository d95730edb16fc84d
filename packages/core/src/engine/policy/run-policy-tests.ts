import type { PolicyOutcome, PolicyTest, PolicyTestAnswer } from '@invoke/contract';
import type { PolicyFacts, PolicyVerdict } from '../../domain/policy/policy-verdict.js';
import { toPolicyOutcome } from '../../domain/policy/to-policy-outcome.js';

export interface TestBench {
  /** Null: there is no such tool. */
  factsOf(test: PolicyTest): PolicyFacts | null;
  judge(facts: PolicyFacts): PolicyVerdict;
}

/** Runs tables of calls, and says of each that went otherwise than expected what was decided and by which rule. */
export function runPolicyTests(
  tests: readonly PolicyTest[],
  { factsOf, judge }: TestBench,
): PolicyTestAnswer {
  const results = tests.map((test) => {
    const { name, expect: expected, call } = test;
    const facts = factsOf(test);
    if (facts === null) {
      return { name, passed: false, expected, got: NOTHING, why: `there is no tool ${call.tool}` };
    }
    const verdict = judge(facts);
    const got = toPolicyOutcome(verdict);
    const why = whyFailed(expected, got, verdict);
    return { name, passed: why === null, expected, got, why };
  });
  const passed = results.filter((r) => r.passed).length;
  return { passed, failed: results.length - passed, results };
}

const NOTHING: PolicyOutcome = {
  effect: 'allow',
  rule: null,
  source: null,
  reason: null,
  undecided: null,
  approvers: 0,
};

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
