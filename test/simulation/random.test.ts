import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryPlan } from './support/arbitrary-plan.js';
import type { Evidence } from './support/evidence.js';
import { findViolations } from './support/find-violations.js';
import type { Plan } from './support/plan.js';
import { runPlan } from './support/run-plan.js';

/** How many, where somebody asks for more than a part of `npm test` can be. */
const ASKED_RUNS = process.env['SIM_RUNS'];
const RUNS = Number(ASKED_RUNS ?? 500);
const SEED = Number(process.env['SIM_SEED'] ?? 20_261_123);
/** One plan, as a failure has printed it. */
const PLAN = process.env['SIM_PLAN'];
/** A slow machine tries fewer plans, and always the same ones first. */
const TIME_LIMIT_MS = ASKED_RUNS === undefined ? 12_000 : 24 * 3_600_000;

const ENOUGH_PLANS = 300;

const seen = {
  plans: 0,
  executions: 0,
  completed: 0,
  reconciled: 0,
  failed: 0,
  review: 0,
  takenOver: 0,
  approved: 0,
};

/** What only some of the plans have. */
const seenAround = {
  rejected: 0,
  expired: 0,
  requeuedOrCancelled: 0,
  reviewed: 0,
  told: 0,
  pruned: 0,
  keyExpired: 0,
  overBudget: 0,
  held: 0,
};

function countAround({ approvals, told, pruned, refusals }: Evidence): void {
  const ended = (...states: readonly string[]) => approvals.filter((a) => states.includes(a.state)).length;
  seenAround.rejected += ended('rejected');
  seenAround.expired += ended('expired');
  seenAround.requeuedOrCancelled += ended('invalidated', 'cancelled');
  seenAround.reviewed += ended('resolved');
  seenAround.told += told;
  seenAround.pruned += pruned.size;
  seenAround.keyExpired += refusals['idempotency_key_expired'] ?? 0;
  seenAround.overBudget += refusals['budget_exceeded'] ?? 0;
  seenAround.held += refusals['entity_quarantined'] ?? 0;
}

function count(evidence: Evidence): void {
  const { executions, versions, approvals } = evidence;
  countAround(evidence);
  seen.plans += 1;
  seen.executions += executions.length;
  seen.completed += executions.filter((e) => e.final === 'completed').length;
  seen.reconciled += executions.filter((e) => e.final === 'outcome_reconciled').length;
  seen.failed += executions.filter((e) => e.state === 'failed').length;
  seen.review += executions.filter((e) => e.state === 'needs_review').length;
  seen.takenOver += versions.filter((v) => v.from !== null && v.epoch > v.from.epoch).length;
  seen.approved += approvals.filter((a) => a.state === 'executed').length;
}

/** Between the check and the bytes nothing but the tool can guard: that has a test of its own. */
const PLANS = arbitraryPlan({ sendFaults: ['before_check', 'crash_after'] });

async function expectKept(plan: Plan): Promise<void> {
  const evidence = await runPlan(plan);
  count(evidence);
  if (PLAN !== undefined) process.stdout.write(`${JSON.stringify(evidence, null, 1)}\n`);
  expect(findViolations(evidence, plan)).toEqual([]);
}

test(
  `random plans keep every promise (SIM_SEED=${SEED} SIM_RUNS=${RUNS})`,
  { timeout: 2 * TIME_LIMIT_MS },
  async () => {
    if (PLAN !== undefined) return expectKept(JSON.parse(PLAN) as Plan);
    await fc.assert(fc.asyncProperty(PLANS, expectKept), {
      numRuns: RUNS,
      seed: SEED,
      interruptAfterTimeLimit: TIME_LIMIT_MS,
    });
    if (ASKED_RUNS !== undefined) process.stdout.write(`${JSON.stringify({ ...seen, ...seenAround })}\n`);
    // A simulation in which nothing happens proves nothing.
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(seen.plans / 20);
    // On a slow machine there may not be enough plans for everything that only some of them have.
    if (seen.plans < ENOUGH_PLANS) return;
    for (const [what, times] of Object.entries(seenAround))
      expect(times, what).toBeGreaterThan(seen.plans / 1_000);
  },
);

test('a plan determines its run to the last detail', async () => {
  const [plan] = fc.sample(arbitraryPlan(), { seed: SEED, numRuns: 1 });
  if (plan === undefined) throw new Error('a sample of one has one');
  expect(await runPlan(plan)).toEqual(await runPlan(plan));
});
