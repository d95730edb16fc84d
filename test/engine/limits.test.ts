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

describe('executions and their traces', () => {
  const NEWEST = { ...LATEST, before: { traceId: null, executionId: null }, status: null, executionId: null };

  /** What a key sees of the one execution: read by id, in the list, as a trace. */
  async function seen(grant: object) {
    const h = await createHarness();
    const id = await made(h, WRITE);
    const principal = keyOf({ scopes: ['traces:read'], ...grant });
    const { records } = await h.engine.executions(principal, LATEST);
    const { records: traces } = await h.engine.traces(principal, NEWEST);
    return [(await h.engine.execution(principal, id)) !== null, records.length, traces.length];
  }

  test.each(OUTSIDE)('a key limited to %j sees nothing of it', async (limit) => {
    expect(await seen(limit)).toEqual([false, 0, 0]);
  });

  test.each([{}, INSIDE, { read_only: true }])('a key with %j sees it', async (limit) => {
    expect(await seen(limit)).toEqual([true, 1, 1]);
  });

  test('what was refused is seen by the key that asked, and else within its limits', async () => {
    const h = await createHarness();
    const asking = keyOf({ scopes: ['tools:call', 'traces:read'], allowed_tools: ['look'] });
    expect(told(await h.call(WRITE, { principal: asking }))).toBe('refused tool_not_allowed');
    const told_to = async (grant: object, keyId: string) =>
      (await h.engine.traces(toPrincipal(keyId, KeyGrant.parse(grant)), NEWEST)).records.map((t) => t.code);
    expect(await told_to({ allowed_tools: ['look'] }, 'limited')).toEqual(['tool_not_allowed']);
    expect(await told_to({ allowed_tools: ['charge'] }, 'other')).toEqual(['tool_not_allowed']);
    expect(await told_to({ allowed_tools: ['look'] }, 'other')).toEqual([]);
  });
});

describe('a list of which little may be seen', () => {
  const BLIND: CallRequestInput = { tool: 'blind', idempotency_key: 'b' };
  const limited = keyOf({ scopes: ['traces:read'], allowed_tools: ['blind'] });

  /** Three calls that may be seen, the oldest ones, and seven that may not. */
  async function filled() {
    const h = await createHarness();
    const ids: string[] = [];
    for (let i = 0; i < 10; i += 1) {
      const request = i < 3 ? BLIND : WRITE;
      h.invoker.script(request.tool, { effect: true, reply: answered({ ok: true }) });
      const calling = h.call({ ...request, idempotency_key: `k${i}` });
      await h.clock.advance(10);
      if (i < 3) ids.unshift(recordOf(await calling).id);
    }
    return { h, ids };
  }

  test('goes on past what may not be seen, page by page', async () => {
    const { h, ids } = await filled();
    const first = await h.engine.executions(limited, { ...LATEST, limit: 2 });
    expect(first).toMatchObject({ records: ids.slice(0, 2).map((id) => ({ id })), next: ids[1] });
    const second = await h.engine.executions(limited, { ...LATEST, limit: 2, before: first.next });
    expect(second).toMatchObject({ records: [{ id: ids[2] }], next: null });
  });

  test('traces do as well', async () => {
    const { h, ids } = await filled();
    const found: (string | null)[] = [];
    let before: { traceId: string | null; executionId: string | null } | null = {
      traceId: null,
      executionId: null,
    };
    while (before !== null) {
      const page = await h.engine.traces(limited, {
        ...LATEST,
        limit: 2,
        before,
        status: null,
        executionId: null,
      });
      found.push(...page.records.map((trace) => trace.execution_id));
      before = page.next;
    }
    expect(found).toEqual(ids);
  });
});
