import { describe, expect, test } from 'vitest';
import { CHECK_BEFORE_CONNECT, NO_EPOCH, NO_SETTLE, NO_TOKEN } from './support/ablations.js';
import type { PlanOptions } from './support/arbitrary-plan.js';
import { findPlan, MOST_PLANS } from './support/find-plan.js';
import { findViolations } from './support/find-violations.js';
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
    options: { around: false, tools: ['lookup'], writeFaults: ['refused'], sendFaults: ['crash_after'] },
    seen: /^doubled: k\d took effect \d times \(lookup, lookup/,
  },
  {
    name: 'the fence is asked before the connection is made',
    ablation: CHECK_BEFORE_CONNECT,
    options: {
      around: false,
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
    options: { around: false, sendFaults: ['before_check'] },
    seen: /^changed: .* after (completed|failed)/,
  },
  {
    name: 'commits without a token',
    ablation: NO_TOKEN,
    options: { around: false, tools: ['blind'], writeFaults: ['lost_commit'], timedFaults: ['deaf'] },
    seen: /^doubled: k\d took effect \d times \(blind, blind/,
  },
];

describe('without it, the same judge finds a breach, and with it, none', () => {
  test.each(CELLS)('$name', { timeout: 180_000 }, async ({ ablation, options, seen }) => {
    const plan = await findPlan({ options, toPlan: ablation.toPlan, run: (p) => runPlan(p, ablation), seen });
    if (plan === null) throw new Error(`the judge saw nothing in ${MOST_PLANS} plans`);
    const evidence = await runPlan(plan);
    expect(findViolations(evidence, plan)).toEqual([]);
  });

  test.each([
    ['doubled', /^doubled: /],
    ['failed though it took effect', /^false failed: /],
  ])('no gateway at all: %s', async (_, seen) => {
    const plan = await findPlan({
      options: { tools: ['lookup', 'blind'], around: false },
      run: runNaively,
      seen,
    });
    if (plan === null) throw new Error(`the judge saw nothing in ${MOST_PLANS} plans`);
    const evidence = await runPlan(plan);
    expect(findViolations(evidence, plan)).toEqual([]);
  });
});
