import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHECK_BEFORE_CONNECT, NO_EPOCH, NO_SETTLE, NO_TOKEN } from './support/ablations.js';
import { arbitraryPlan, type PlanOptions } from './support/arbitrary-plan.js';
import type { Evidence } from './support/evidence.js';
import { findViolations } from './support/find-violations.js';
import type { Plan } from './support/plan.js';
import { runNaively } from './support/run-naive.js';
import { runPlan } from './support/run-plan.js';
import type { Ablation } from './support/ablation.js';

/*
 * The judge judged: each rule that keeps the promise is taken away, and the same judge has to see it. What it does not see
 * here, it would not see in the product either.
 */

interface Cell {
  readonly name: string;
  readonly ablation: Ablation;
  readonly options: PlanOptions;
  /** What the judge says of it. */
  readonly seen: RegExp;
}

const CELLS: readonly Cell[] = [
  {
    name: 'no settle time',
    ablation: NO_SETTLE,
    options: { tools: ['lookup'], writeFaults: ['refused'], sendFaults: ['crash_after'] },
    seen: /^doubled: k\d took effect \d times \(lookup, lookup/,
  },
  {
    name: 'the fence is asked before the connection is made',
    ablation: CHECK_BEFORE_CONNECT,
    options: {
      tools: ['lookup'],
      writeFaults: ['pause_after'],
      sendFaults: ['before_check'],
      timedFaults: ['pause'],
    },
    seen: /^doubled: k\d took effect \d times \(lookup, lookup/,
  },
  {
    name: 'writes of an older epoch go through',
    ablation: NO_EPOCH,
    options: { sendFaults: ['before_check'] },
    seen: /^changed: .* after (completed|failed)/,
  },
  {
    name: 'commits without a token',
    ablation: NO_TOKEN,
    options: { tools: ['blind'] },
    seen: /^doubled: k\d took effect \d times \(blind, blind/,
  },
];

const SEED = 1;
const MOST_RUNS = 1_500;

/** The first random plan of which the judge says what is looked for; null where there is none. */
async function findPlan(
  options: PlanOptions,
  run: (plan: Plan) => Promise<Evidence>,
  seen: RegExp,
): Promise<Plan | null> {
  const quiet = fc.asyncProperty(arbitraryPlan(options), async (plan) => {
    const evidence = await run(plan);
    return !findViolations(evidence).some((violation) => seen.test(violation));
  });
  const result = await fc.check(quiet, { numRuns: MOST_RUNS, seed: SEED, endOnFailure: true });
  return result.counterexample?.[0] ?? null;
}

describe('without it, the same judge finds a breach, and with it, none', () => {
  test.each(CELLS)('$name', { timeout: 60_000 }, async ({ ablation, options, seen }) => {
    const plan = await findPlan(options, (plan) => runPlan(plan, ablation), seen);
    if (plan === null) throw new Error(`the judge saw nothing in ${MOST_RUNS} plans`);
    const evidence = await runPlan(plan);
    expect(findViolations(evidence)).toEqual([]);
  });

  test.each([
    ['doubled', /^doubled: /],
    ['failed though it took effect', /^false failed: /],
  ])('no gateway at all: %s', async (_, seen) => {
    const plan = await findPlan({ tools: ['lookup', 'blind'] }, runNaively, seen);
    if (plan === null) throw new Error(`the judge saw nothing in ${MOST_RUNS} plans`);
    const evidence = await runPlan(plan);
    expect(findViolations(evidence)).toEqual([]);
  });
});
