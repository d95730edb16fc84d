import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  approval,
  approve,
  approving,
  freeze,
  named,
  pushCall,
  reminderCall,
  setState,
} from './support/approvals.js';
import type { Cells, RowOutcome } from './support/cell.js';
import type { World } from './support/world.js';

const OVERDUE = { invoice_status: 'overdue', customer_balance: 10, customer_id: 'cust_123' };

/** Rows about what a human decides. */
export const APPROVAL_CELLS: Cells = {
  'APPR-002': { arrange: pending, check: stillPending },
  'APPR-003': {
    arrange: pending,
    executed: { 'git.push': 1 },
    async check({ world, fixtures, answer }) {
      expect(answer.body).toMatchObject({ success: true, outcome: 'executed' });
      const decided = await approval(world, fixtures['APR_PENDING'] ?? '');
      expect(decided).toMatchObject({ status: 'executed', reviewed_by: 'ceo@corp.example' });
      expect(decided['decided_by']).toMatch(/^key_[0-9a-f]{12}$/);
      expect(decided['decided_by']).not.toBe(decided['requested_by']);
    },
  },
  'APPR-032': { arrange: pending, check: stillPending },
  'APPR-004': { arrange: pending, check: stillPending },
  'APPR-005': {
    async arrange(world) {
      const waiting = await freeze(world, pushCall());
      await approve(world, waiting);
      return named('APR_EXECUTED', waiting);
    },
  },
  'APPR-008': {
    async arrange(world) {
      setState(world, OVERDUE);
      const expires_at = new Date(Date.now() + 600).toISOString();
      const waiting = await freeze(world, reminderCall({ expires_at }));
      await sleep(700);
      return named('APR_EXPIRED', waiting);
    },
    check: ({ answer }) => expect(answer.body).toMatchObject({ outcome: 'cancelled' }),
  },
  'APPR-009': {
    async arrange(world) {
      setState(world, OVERDUE);
      const waiting = await freeze(world, reminderCall());
      setState(world, { ...OVERDUE, customer_balance: 7 });
      return named('APR_DRIFTED', waiting);
    },
    executed: { 'billing.state': 1 },
    check: requeued('APR_DRIFTED', { field: 'customer_balance', frozen: 10, live: 7 }),
  },
  'APPR-011': {
    async arrange(world) {
      setState(world, OVERDUE);
      const waiting = await freeze(world, reminderCall({ threshold: 'conditions' }));
      setState(world, { ...OVERDUE, invoice_status: 'paid' });
      return named('APR_WITH_REFETCH', waiting);
    },
    executed: { 'billing.state': 1 },
    check: requeued('APR_WITH_REFETCH', { field: 'invoice_status', frozen: 'overdue', live: 'paid' }),
  },
  'APPR-015': {
    async arrange(world) {
      setState(world, OVERDUE);
      const waiting = await freeze(world, reminderCall());
      setState(world, { ...OVERDUE, customer_id: 'cust_999' });
      return named('APR_ENTITY_MOVED', waiting);
    },
    executed: { 'billing.state': 1 },
  },
  'APPR-016': {
    arrange: pending,
    async check(outcome) {
      const { world, prefix, fixtures } = outcome;
      const path = `${prefix}/approvals/${fixtures['APR_PENDING']}/approve`;
      for (const method of ['HEAD', 'OPTIONS']) {
        await world.request({ method, path, key: 'APPROVER' });
      }
      await stillPending(outcome);
    },
  },
  'APPR-019': { arrange: async () => ({ APR_DIGEST: `sha256:${'0'.repeat(64)}` }) },
  /* Frozen are the real bytes. How they are made visible to people is tested with the messages (core, domain/outbox). */
  'APPR-021': {
    async check({ world, answer }) {
      const frozen = await approval(world, String(answer.body['approval_id']));
      expect(frozen['params']).toEqual({ branch: 'ma\u202enia' });
    },
  },
  'APPR-024': {
    requests(request) {
      const { approved_by, snapshot, ...rest } = request.body as Record<string, unknown>;
      const claims = [{ approved_by }, { snapshot }, { approved: true }];
      return [request, ...claims.map((claim) => ({ ...request, body: { ...rest, ...claim } }))];
    },
  },
  'APPR-030': {
    async check({ world, prefix }) {
      const before = world.tools.counts();
      const harmless = await world.request({
        method: 'POST',
        path: `${prefix}/call`,
        body: { tool: 'batch.run', params: { steps: [{ tool: 'crm.read' }] } },
      });
      expect(harmless.status).toBe(200);
      expect(world.tools.counts()['batch.run']).toBe((before['batch.run'] ?? 0) + 1);
    },
  },
};

async function pending(world: World) {
  return named('APR_PENDING', await freeze(world, pushCall()));
}

async function stillPending({ world, fixtures }: RowOutcome): Promise<void> {
  expect(await approval(world, fixtures['APR_PENDING'] ?? '')).toMatchObject({
    status: 'pending',
    approvals_given: 0,
  });
}

/** The old approval is spent, and the new one is another: what approved the old one does not approve it. */
function requeued(name: string, drift: Readonly<Record<string, unknown>>) {
  return async ({ world, answer, fixtures }: RowOutcome) => {
    expect(answer.body).toMatchObject({
      outcome: 'requeued',
      drift: expect.arrayContaining([expect.objectContaining(drift)]),
    });
    const { [name]: oldId = '', APR_DIGEST: oldDigest } = fixtures;
    const nextId = String(answer.body['next_approval_id']);
    expect(await approval(world, oldId)).toMatchObject({ status: 'invalidated', next_id: nextId });
    const next = await approval(world, nextId);
    expect(next).toMatchObject({ status: 'pending', previous_id: oldId, approvals_given: 0 });
    expect([next['id'], next['digest']]).not.toContain(oldDigest);
    const again = await world.request(approving(oldId, { digest: oldDigest }));
    expect([again.status, again.body['code']]).toEqual([409, 'approval_conflict']);
    const withOldDigest = await world.request(approving(nextId, { digest: oldDigest }));
    expect([withOldDigest.status, withOldDigest.body['code']]).toEqual([409, 'approval_digest_mismatch']);
  };
}
