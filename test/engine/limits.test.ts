import { KeyGrant, type CallRequestInput } from '@invoke/contract';
import { fullAccess, toPrincipal } from '@invoke/core/domain';
import { answered } from '@invoke/testkit/fakes';
import { describe, expect, test } from 'vitest';
import { createHarness, recordOf, told, type Harness } from './harness.js';

/** A critical write, on behalf of an agent, somewhere, to something. */
const WRITE: CallRequestInput = {
  tool: 'charge',
  params: { payment_id: 'pay_9', customer_id: 'cust_9' },
  agent_id: 'agent_z',
  env: 'prod',
  workflow: 'billing',
  idempotency_key: 'k',
};
const ASKED: CallRequestInput = {
  ...WRITE,
  policy: { rules: [{ when: 'true', effect: 'require_approval' }] },
};

const INSIDE = {
  allowed_tools: ['charge'],
  agents: ['agent_z'],
  envs: ['prod'],
  workflows: ['billing'],
  resources: ['cust_9', 'pay_9'],
};
const OUTSIDE = [
  { allowed_tools: ['look'] },
  { agents: ['agent_y'] },
  { agent_id: 'agent_y' },
  { envs: ['dev'] },
  { workflows: ['support'] },
  { resources: ['cust_1'] },
];
const LATEST = { limit: 10, before: null, state: null, tool: null, agentId: null };

const keyOf = (grant: object) => toPrincipal('limited', KeyGrant.parse(grant));

async function made(h: Harness, request: CallRequestInput): Promise<string> {
  h.invoker.script('charge', { effect: true, reply: answered({ ok: true }) });
  const [answer] = await Promise.all([h.call(request), h.clock.advance(10)]);
  return recordOf(answer).outcome?.approvalId ?? recordOf(answer).id;
}

describe('approvals', () => {
  const SCOPES = { scopes: ['approvals:read', 'approvals:write'] };

  test('a key whose limits reach the call sees it and decides on it', async () => {
    const h = await createHarness();
    const id = await made(h, ASKED);
    const principal = keyOf({ ...SCOPES, ...INSIDE });
    expect(await h.engine.approval(principal, id)).toMatchObject({ id });
    expect((await h.engine.approvals(principal, LATEST)).records).toMatchObject([{ id }]);
    const deciding = h.engine.approve({ principal, id, request: {}, waitMs: 1_000 });
    await h.clock.advance(20);
    expect(await deciding).toMatchObject({ kind: 'decided', outcome: 'executed' });
  });

  test.each([...OUTSIDE, { read_only: true }])(
    'a key limited to %j neither sees nor decides',
    async (limit) => {
      const h = await createHarness();
      const id = await made(h, ASKED);
      const principal = keyOf({ ...SCOPES, ...limit });
      const input = { principal, id, waitMs: 0 };
      expect(await h.engine.approval(principal, id)).toBeNull();
      expect(await h.engine.approvals(principal, LATEST)).toEqual({ records: [], next: null });
      const decisions = [
        await h.engine.approve({ ...input, request: {} }),
        await h.engine.reject({ ...input, request: {} }),
        await h.engine.resolve({ ...input, request: { resolution: 'retry' } }),
      ];
      for (const decided of decisions) {
        expect(decided).toMatchObject({ kind: 'refused', refusal: { code: 'not_found' } });
      }
      expect(h.invoker.calls).toEqual([]);
      expect(await h.engine.approval(fullAccess('owner'), id)).toMatchObject({ state: 'pending' });
    },
  );
});
