import fc from 'fast-check';
import { arbitraryPlan, type PlanOptions } from './arbitrary-plan.js';
import type { Evidence } from './evidence.js';
import { findViolations } from './find-violations.js';
import type { Plan } from './plan.js';

const SEED = 1;
export const MOST_PLANS = 1_500;

export interface Search {
  readonly options: PlanOptions;
  readonly toPlan?: ((plan: Plan) => Plan) | undefined;
  readonly run: (plan: Plan) => Promise<Evidence>;
  /** What the judge has to say of it. */
  readonly seen: RegExp;
}

/** The first random plan of which the judge says what is looked for; null where there is none. */
export async function findPlan({ options, toPlan, run, seen }: Search): Promise<Plan | null> {
  const plans = toPlan === undefined ? arbitraryPlan(options) : arbitraryPlan(options).map(toPlan);
  const quiet = fc.asyncProperty(plans, async (plan) => {
    const evidence = await run(plan);
    return !findViolations(evidence, plan).some((violation) => seen.test(violation));
  });
  const result = await fc.check(quiet, { numRuns: MOST_PLANS, seed: SEED, endOnFailure: true });
  return result.counterexample?.[0] ?? null;
}
