import { Invoke } from '@invoke/sdk';
import { describe, expect } from 'vitest';
import { AGENT_KEY, APPROVER_KEY } from '../support/keys.js';
import { verifies } from '../support/verifies.js';
import { freeze, inFuture, textOf, type World } from '../support/world.js';

/** Two gateways over one database. */
export interface TwoWorlds {
  readonly here: World;
  readonly there: World;
  /** Where the first one listens. */
  readonly url: string;
  readonly otherUrl: string;
}

export function describeSharedPostgres(enter: () => TwoWorlds): void {
  function reminder(conditions: Record<string, string> = { invoice_status: 'overdue' }) {
    const { business } = enter().here;
    const invoice = business.id('inv');
    business.know(invoice, { invoice_status: 'overdue', customer_balance: 125 });
    const state_refetch = { tool: 'billing.invoice', params: { invoice_id: invoice } };
    const request = {
      tool: 'email.send',
      params: { invoice_id: invoice },
      idempotency_key: `mail:${invoice}`,
      policy: { intent: 'send_invoice_reminder', conditions, expires_at: inFuture(), state_refetch },
    };
    return { invoice, request };
  }

  describe('two gateways over one Postgres', () => {
    verifies(
      ['MAIN-08', 'GATE-03'],
      'frozen at one, approved at the other, and both tell the result',
      async () => {
        const { here, there } = enter();
        const { business } = here;
        const { invoice, request } = reminder();
        const id = await freeze(here, request);
        expect(await freeze(there, request)).toBe(id);
        const approved = await there.approver.approve(id);
        expect(approved).toMatchObject({
          http: 200,
          body: { outcome: 'executed', execution_status: 'completed' },
        });
        for (const { agent, approver } of [here, there]) {
          expect((await approver.approval(id)).body).toMatchObject({
            status: 'executed',
            outcome: 'executed',
          });
          expect(await agent.call(request)).toMatchObject({
            http: 200,
            body: { status: 'completed', replayed: true, result: approved.body['result'] },
          });
        }
        expect(business.effects(invoice)).toHaveLength(1);
      },
    );

    verifies(
      ['MAIN-08', 'CONTRACT-03'],
      'requeued at one: the other one knows the fresh approval',
      async () => {
        const { here, there } = enter();
        const { business } = here;
        const { invoice, request } = reminder({ invoice_status: 'overdue', customer_balance: '> 0' });
        const old = await freeze(here, request);
        business.know(invoice, { invoice_status: 'overdue', customer_balance: 90 });
        const fresh = textOf(await there.approver.approve(old), 'next_approval_id');
        expect(await freeze(here, request)).toBe(fresh);
        expect(await here.approver.approve(old)).toMatchObject({
          http: 409,
          body: { code: 'approval_conflict' },
        });
        expect((await here.approver.approve(fresh)).body).toMatchObject({ outcome: 'executed' });
        expect((await there.agent.call(request)).body).toMatchObject({ status: 'completed', replayed: true });
        expect(business.effects(invoice)).toHaveLength(1);
      },
    );

    verifies(['MAIN-08', 'GATE-03'], 'who waits at one is told of the decision at the other', async () => {
      const { here: mine, there: other, url } = enter();
      const { request } = reminder();
      const id = await freeze(mine, request);
      const waiting = new Invoke({ baseUrl: url, apiKey: APPROVER_KEY }).approvals.wait(id, {
        timeoutMs: 10_000,
      });
      await other.approver.reject(id, 'not today');
      expect(await waiting).toMatchObject({ id, status: 'rejected', comment: 'not today' });
    });

    verifies(['MAIN-08', 'GATE-03'], 'yeses at both at once: one executes', async () => {
      const { here, there } = enter();
      const { business } = here;
      const { invoice, request } = reminder();
      const id = await freeze(here, request);
      const doors = Array.from({ length: 10 }, (_, i) => (i % 2 === 0 ? here : there).approver);
      const answers = await Promise.all(doors.map((door) => door.approve(id)));
      expect(answers.map(({ body }) => String(body['code'] ?? body['outcome'])).toSorted()).toEqual([
        ...Array<string>(9).fill('approval_conflict'),
        'executed',
      ]);
      expect(business.effects(invoice)).toHaveLength(1);
    });

    verifies(
      ['MAIN-08', 'MAIN-05'],
      'one key at both at once: executed once, and both tell the same',
      async () => {
        const { here, there } = enter();
        const { business } = here;
        const id = business.id('pay');
        const request = {
          tool: 'payments.charge',
          params: { payment_id: id },
          idempotency_key: `charge:${id}`,
        };
        await Promise.all([here, there, here, there].map(({ agent }) => agent.call(request)));
        const [mine, theirs] = [await here.agent.call(request), await there.agent.call(request)];
        expect(mine.body).toMatchObject({ status: 'completed', replayed: true });
        expect(theirs.body['execution_id']).toBe(mine.body['execution_id']);
        expect(business.effects(id)).toHaveLength(1);
      },
    );

    verifies(
      ['MAIN-08', 'MAIN-04', 'MAIN-05'],
      'MCP has no session: a request that is lost at one is sent again to the other, and executed once',
      async () => {
        const { here, url, otherUrl } = enter();
        const { business } = here;
        const id = business.id('pay');
        const params = {
          name: 'payments_charge',
          arguments: { payment_id: id },
          _meta: { 'dev.invoke/idempotencyKey': `charge:${id}` },
        };
        const greeting = await speakMcp(url, 1, 'initialize', { protocolVersion: '2025-11-25' });
        expect(greeting['protocolVersion']).toBe('2025-11-25');
        // The second one comes while the first is under way, under another id, to a gateway that was never greeted.
        const answers = await Promise.all([
          speakMcp(url, 2, 'tools/call', params),
          speakMcp(otherUrl, 3, 'tools/call', params),
        ]);
        const after = await speakMcp(otherUrl, 4, 'tools/call', params);
        for (const answer of answers) expect(answer['content']).toEqual(after['content']);
        expect(after).toMatchObject({
          _meta: { 'dev.invoke/execution': { status: 'completed', replayed: true } },
        });
        expect(business.effects(id)).toHaveLength(1);
      },
    );

    verifies(['MAIN-08', 'FAIL-04'], 'a review of one is decided at the other', async () => {
      const { here, there } = enter();
      const { business } = here;
      const id = business.id('pay');
      business.plan('payments.charge', id, 429);
      const request = {
        tool: 'payments.charge',
        params: { payment_id: id },
        idempotency_key: `charge:${id}`,
        failure_policy: { retry: 0, on_failure: 'escalate' },
      } as const;
      const review = textOf(await here.agent.call(request), 'approval_id');
      expect((await there.approver.resolve(review, 'retry')).body).toMatchObject({
        outcome: 'executed',
        execution_status: 'completed',
      });
      expect((await here.agent.call(request)).body).toMatchObject({ status: 'completed', replayed: true });
      expect(business.effects(id)).toHaveLength(1);
    });
  });
}

/** One request of MCP, and its result. */
async function speakMcp(url: string, id: number, method: string, params: object) {
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-API-Key': AGENT_KEY },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
  });
  const answer = (await response.json()) as { id: number; result: Record<string, unknown> };
  expect(answer.id).toBe(id);
  return answer.result;
}
