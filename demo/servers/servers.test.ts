import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callDirectly } from '../agents/direct-tool.mjs';
import { createChildren, type Children } from '../stage/children.mjs';
import { createToolServer } from '../stage/tool-server.mjs';
import type { ToolServer } from '../types.ts';

/** The base64 of "invoke-demo-test-secret!". */
const SECRET = 'whsec_aW52b2tlLWRlbW8tdGVzdC1zZWNyZXQh';

let dir: string;
let children: Children;
let flaky: ToolServer;
let business: ToolServer;

async function start(name: string): Promise<ToolServer> {
  const args = [join(import.meta.dirname, `${name}-mcp.mjs`)];
  const child = children.start({ name, args, cwd: dir, env: { EVENT_SECRET: SECRET } });
  return createToolServer(await child.line(/^ready (.*)$/));
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'demo-servers-'));
  children = createChildren(dir);
  [flaky, business] = await Promise.all([start('flaky'), start('business')]);
});

afterAll(async () => {
  await children.stopAll();
  rmSync(dir, { recursive: true });
});

const PAYMENT = { payment_id: 'pay_1', customer_id: 'cust_123', amount: 5, currency: 'eur' };
const charge = () =>
  callDirectly(business.mcpUrl, { tool: 'payments_charge', params: PAYMENT, timeoutMs: 200 });
const lookUp = () =>
  callDirectly(business.mcpUrl, { tool: 'payments_lookup', params: { payment_id: 'pay_1' }, timeoutMs: 200 });

const NOT_CHARGED = {
  kind: 'answered',
  value: { payment_id: 'pay_1', charged: false, payment_status: 'none' },
};

describe('the business server', () => {
  it('does twice what it is told twice, and writes both down', async () => {
    await business.openChapter('twice', {});
    await charge();
    await charge();
    const ledger = await business.ledger('twice');
    expect(ledger.map(({ kind, subject }) => ({ kind, subject }))).toEqual([
      { kind: 'charge', subject: 'pay_1' },
      { kind: 'charge', subject: 'pay_1' },
    ]);
  });

  it('carries out a call whose answer it loses', async () => {
    await business.openChapter('lost', { loseAnswers: { payments_charge: 1 } });
    expect(await lookUp()).toEqual(NOT_CHARGED);
    expect(await charge()).toEqual({ kind: 'failed', why: 'no answer within 200 ms' });
    expect(await lookUp()).toMatchObject({ value: { charged: true, payment_status: 'paid' } });
    expect(await business.ledger('lost')).toHaveLength(1);
  });

  it('starts a chapter afresh and keeps the ledger of the last', async () => {
    await business.openChapter('before', {});
    await charge();
    await business.openChapter('after', {});
    expect(await lookUp()).toEqual(NOT_CHARGED);
    expect(await business.ledger('before')).toHaveLength(1);
    expect(await business.ledger('after')).toEqual([]);
  });

  it('refuses an unknown customer without an effect', async () => {
    await business.openChapter('unknown', {});
    const params = { customer_id: 'cust_0', account_status: 'review' };
    const outcome = await callDirectly(business.mcpUrl, {
      tool: 'crm_update_customer',
      params,
      timeoutMs: 200,
    });
    expect(outcome).toEqual({ kind: 'failed', why: 'there is no customer cust_0' });
    expect(await business.ledger('unknown')).toEqual([]);
  });
});

describe('payments that go wrong later', () => {
  it('takes back as many charges as it is told, after it has answered them', async () => {
    await business.openChapter('taken back', { chargesReturned: 1 });
    expect(await charge()).toMatchObject({ value: { charged: true } });
    expect(await lookUp()).toMatchObject({ value: { charged: true, payment_status: 'returned' } });
    await charge();
    expect(await lookUp()).toMatchObject({ value: { payment_status: 'paid' } });
    const ledger = await business.ledger('taken back');
    expect(ledger.map((e) => e.kind)).toEqual(['charge', 'charge_returned', 'charge']);
  });

  it('signs its events as Standard Webhooks has it', async () => {
    await business.openChapter('event', {});
    const params = { ...PAYMENT, reference: 'ivk_1' };
    await callDirectly(business.mcpUrl, { tool: 'payments_charge', params, timeoutMs: 200 });
    const taken: { headers: IncomingHttpHeaders; body: string }[] = [];
    const receiver = createServer((req, res) => {
      void text(req).then((body) => {
        taken.push({ headers: req.headers, body });
        res.writeHead(401).end('{"code":"signature_invalid"}');
      });
    });
    await new Promise((resolve) => receiver.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = receiver.address() as AddressInfo;
    const to = `http://127.0.0.1:${port}/hook`;
    const answered = await business.sendEvent({ to, type: 'payment.failed', payment_id: 'pay_1' });
    receiver.close();
    expect(answered).toEqual({ http: 401, text: '{"code":"signature_invalid"}' });
    const [{ headers, body } = { headers: {}, body: '' }] = taken;
    expect(JSON.parse(body)).toMatchObject({
      type: 'payment.failed',
      data: { payment_id: 'pay_1', reference: 'ivk_1' },
    });
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const digest = createHmac('sha256', 'invoke-demo-test-secret!').update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${digest}`);
  });
});

describe('invoices', () => {
  const at = (tool: string) =>
    callDirectly(business.mcpUrl, { tool, params: { invoice_id: 'inv_77' }, timeoutMs: 200 });

  it('are paid once the customer pays, and reminded of whatever their state', async () => {
    await business.openChapter('invoices', {});
    expect(await at('invoices_read')).toMatchObject({ value: { invoice_status: 'overdue', balance: 125 } });
    await at('crm_send_reminder');
    await at('invoices_pay');
    expect(await at('invoices_read')).toMatchObject({ value: { invoice_status: 'paid', balance: 0 } });
    await at('crm_send_reminder');
    const ledger = await business.ledger('invoices');
    expect(ledger.map(({ kind, detail }) => [kind, detail['invoice_status']])).toEqual([
      ['reminder_sent', 'overdue'],
      ['invoice_paid', undefined],
      ['reminder_sent', 'paid'],
    ]);
  });

  it('are overdue again in the next chapter', async () => {
    await business.openChapter('next', {});
    expect(await at('invoices_read')).toMatchObject({ value: { invoice_status: 'overdue' } });
  });
});

it('the flaky server fails as often as it is told, in turns, and counts every request', async () => {
  await flaky.openChapter('flaky', { failFirst: { exchange_rate: 3 } });
  const ask = () =>
    callDirectly(flaky.mcpUrl, { tool: 'exchange_rate', params: { from: 'usd', to: 'eur' }, timeoutMs: 100 });
  expect(await ask()).toEqual({ kind: 'failed', why: 'no answer within 100 ms' });
  expect(await ask()).toEqual({ kind: 'failed', why: 'HTTP 503' });
  expect(await ask()).toEqual({ kind: 'failed', why: 'connection lost' });
  expect(await ask()).toEqual({ kind: 'answered', value: { from: 'usd', to: 'eur', rate: 1.09 } });
  expect(await flaky.ledger('flaky')).toHaveLength(4);
});

describe('as an MCP server', () => {
  const rpc = async (message: unknown) => {
    const answer = await fetch(business.mcpUrl, { method: 'POST', body: JSON.stringify(message) });
    return { status: answer.status, text: await answer.text() };
  };

  it('agrees on a revision of the protocol that both know', async () => {
    const asked = async (protocolVersion: string) => {
      const { text } = await rpc({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion },
      });
      return JSON.parse(text).result.protocolVersion;
    };
    expect(await asked('2025-06-18')).toBe('2025-06-18');
    expect(await asked('1999-01-01')).toBe('2025-11-25');
  });

  it('answers notifications with 202, unknown methods with -32601 and other verbs with 405', async () => {
    expect(await rpc({ jsonrpc: '2.0', method: 'notifications/initialized' })).toEqual({
      status: 202,
      text: '',
    });
    expect(JSON.parse((await rpc({ jsonrpc: '2.0', id: 1, method: 'x' })).text).error.code).toBe(-32_601);
    expect((await fetch(business.mcpUrl)).status).toBe(405);
  });

  it('lists what it serves', async () => {
    const { text } = await rpc({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect(JSON.parse(text).result.tools.map((t: { name: string }) => t.name)).toEqual([
      'payments_charge',
      'payments_lookup',
      'invoices_read',
      'invoices_pay',
      'crm_send_reminder',
      'crm_update_customer',
      'orders_ship',
      'issues_create',
    ]);
  });
});
