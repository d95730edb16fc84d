import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FULL, openGateway, TENANT_B, type Answer, type TestGateway } from './support/gateway.js';
import { PROVIDER_SECRET, signEvent, type SignOptions } from './support/sign-event.js';
import { openToolServer, type ToolServer } from './support/tool-server.js';

let gateway: TestGateway;
let tools: ToolServer;

const SETTLEMENT = {
  reference: '/data/reference',
  applied: { 'data.status': 'succeeded' },
  not_applied: { 'data.status': 'failed' },
} as const;

beforeAll(async () => {
  tools = await openToolServer();
  gateway = await openGateway({
    INVOKE_SECRET_ACME: PROVIDER_SECRET,
    INVOKE_SECRET_OF_B: PROVIDER_SECRET,
    INVOKE_TENANT_SECRETS: JSON.stringify({ INVOKE_SECRET_OF_B: ['b'] }),
  });
  await provider({ name: 'Acme', slug: 'acme', webhook_secret: 'INVOKE_SECRET_ACME' });
  await provider({ name: 'Mute', slug: 'mute' });
  await provider({ name: 'Absent', slug: 'absent', webhook_secret: 'INVOKE_SECRET_NOT_SET' });
  await tool('acme', 'pay.ok', '/ok', 5_000);
  await tool('acme', 'pay.lost', '/apply-then-reset', 5_000);
  await tool('acme', 'pay.refused', '/status/402', 5_000);
  await tool('acme', 'pay.slow', '/late/1200', 600);
  await tool('mute', 'other.lost', '/apply-then-reset', 5_000);
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
});

const provider = (body: unknown) => gateway.request('POST', '/v1/providers', { body });

async function tool(slug: string, name: string, path: string, timeoutMs: number): Promise<void> {
  const card = { name, input_schema: { type: 'object' }, timeout_ms: timeoutMs, settlement: SETTLEMENT };
  const idempotency = { header: 'Idempotency-Key' };
  const answer = await gateway.request('POST', `/v1/providers/${slug}/tools`, {
    body: {
      name,
      capability_card: name === 'pay.slow' ? { ...card, idempotency } : card,
      http: { method: 'POST', url: tools.url + path },
    },
  });
  expect(answer.status).toBe(201);
}

async function call(name: string, more: Record<string, unknown> = {}): Promise<string> {
  const answer = await gateway.request('POST', '/v1/call', { body: { tool: name, params: {}, ...more } });
  const id = answer.body['execution_id'];
  expect(id, answer.text).toMatch(/^exec_/);
  return String(id);
}

function event(reference: string, status: string): string {
  return JSON.stringify({ type: 'payment', data: { reference, status, amount: 1 } });
}

function deliver(body: string, options: SignOptions & { readonly to?: string } = {}): Promise<Answer> {
  const headers = { 'Content-Type': 'application/json', ...signEvent(body, options) };
  return gateway.request('POST', `/v1/webhooks/${options.to ?? 'acme'}`, { body, key: null, headers });
}

async function read(id: string): Promise<Record<string, unknown>> {
  const { body } = await gateway.request('GET', `/v1/executions/${id}`);
  return body['execution'] as Record<string, unknown>;
}

const told = ({ status, body }: Answer) => [status, body['status'], body['execution_id']];

describe('an outcome that was not known', () => {
  test('is settled by an event that says it took effect, and the repeat of the call gets that', async () => {
    const id = await call('pay.lost', { idempotency_key: 'settle-applied' });
    expect(await read(id)).toMatchObject({ status: 'needs_review' });
    const answer = await deliver(event(id, 'succeeded'), { id: 'evt_applied' });
    expect(told(answer)).toEqual([200, 'settled', id]);
    expect(await read(id)).toMatchObject({
      status: 'completed',
      final_outcome: 'outcome_reconciled',
      decision: 'do_not_retry',
      result: { type: 'payment', data: { reference: id, status: 'succeeded', amount: 1 } },
      settlements: [
        {
          provider: 'acme',
          event_id: 'evt_applied',
          verdict: 'applied',
          contradiction: false,
          detail: 'data.status is "succeeded"',
        },
      ],
    });
    const effects = tools.effects.length;
    const again = await gateway.request('POST', '/v1/call', {
      body: { tool: 'pay.lost', params: {}, idempotency_key: 'settle-applied' },
    });
    expect([again.status, again.body['status']]).toEqual([200, 'outcome_reconciled']);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(tools.effects).toHaveLength(effects);
  });

  test('is settled by an event that says it had no effect', async () => {
    const id = await call('pay.lost');
    expect(told(await deliver(event(id, 'failed'), { id: 'evt_not' }))).toEqual([200, 'settled', id]);
    expect(await read(id)).toMatchObject({ status: 'failed', decision: 'retry_allowed' });
  });

  test('closes the review that people were asked for', async () => {
    const id = await call('pay.lost');
    await deliver(event(id, 'succeeded'), { id: 'evt_review' });
    const { body } = await gateway.request('GET', '/v1/approvals?limit=200');
    const reviews = body['approvals'] as { execution_id: string; status: string; kind: string }[];
    const mine = reviews.filter((r) => r.execution_id === id);
    expect(mine.map((r) => [r.kind, r.status])).toEqual([['review', 'resolved']]);
  });

  test('is settled by the key that the tool was sent, which names the execution', async () => {
    const id = await call('pay.slow');
    const key = tools.effects.findLast((e) => e.path === '/late/1200')?.key ?? '';
    expect(key).toMatch(new RegExp(`^ivk_${id.slice('exec_'.length)}_[0-9a-f]{12}$`));
    const forged = key.replace(/.$/, (c) => (c === '0' ? '1' : '0'));
    expect(told(await deliver(event(forged, 'succeeded'), { id: 'evt_forged' }))).toEqual([
      200,
      'ignored',
      null,
    ]);
    const answer = await deliver(event(key, 'succeeded'), { id: 'evt_key' });
    expect(answer.body['execution_id']).toBe(id);
    expect(['settled', 'confirmed']).toContain(answer.body['status']);
    expect(await read(id)).toMatchObject({ status: 'completed' });
  });

  test('lets the entity go that it held', async () => {
    const entity = { entity_id: 'cust_77', source: 'crm', resolved_at: '2026-07-01T00:00:00Z' };
    const id = await call('pay.lost', { params: { customer_id: 'cust_77' }, entity_resolution: entity });
    const next = () =>
      gateway.request('POST', '/v1/call', {
        body: { tool: 'pay.ok', params: { customer_id: 'cust_77' }, entity_resolution: entity },
      });
    expect((await next()).body['code']).toBe('entity_quarantined');
    await deliver(event(id, 'succeeded'), { id: 'evt_entity' });
    expect((await next()).status).toBe(200);
  });
});

describe('a recorded answer', () => {
  test('is confirmed by an event that says the same', async () => {
    const id = await call('pay.ok');
    const before = await read(id);
    expect(told(await deliver(event(id, 'succeeded'), { id: 'evt_c1' }))).toEqual([200, 'confirmed', id]);
    const { settlements: _, ...after } = await read(id);
    const { settlements: __, ...was } = before;
    expect(after).toEqual(was);
  });

  test.each([
    ['pay.ok', 'failed', 'completed'],
    ['pay.refused', 'succeeded', 'failed'],
  ])('of %s stays when an event says %s: replan_required', async (name, status, state) => {
    const id = await call(name);
    const { settlements: _, ...was } = await read(id);
    const answer = await deliver(event(id, status), { id: `evt_contra_${name}` });
    expect(told(answer)).toEqual([200, 'replan_required', id]);
    const { settlements, ...after } = await read(id);
    expect(after).toEqual(was);
    expect(after['status']).toBe(state);
    expect(settlements).toMatchObject([{ event_id: `evt_contra_${name}`, contradiction: true }]);
  });

  test('does not change when events come twice or out of order', async () => {
    const id = await call('pay.lost');
    expect(told(await deliver(event(id, 'succeeded'), { id: 'evt_b' }))).toEqual([200, 'settled', id]);
    const { settlements: _, ...was } = await read(id);
    expect(told(await deliver(event(id, 'succeeded'), { id: 'evt_b' }))).toEqual([200, 'duplicate', id]);
    expect(told(await deliver(event(id, 'failed'), { id: 'evt_a' }))).toEqual([200, 'replan_required', id]);
    expect(told(await deliver(event(id, 'failed'), { id: 'evt_a' }))).toEqual([200, 'duplicate', id]);
    expect(told(await deliver(event(id, 'pending'), { id: 'evt_c' }))).toEqual([200, 'ignored', id]);
    const { settlements, ...after } = await read(id);
    expect(after).toEqual(was);
    expect((settlements as { event_id: string }[]).map((s) => s.event_id)).toEqual([
      'evt_b',
      'evt_a',
      'evt_c',
    ]);
  });
});

test('an event that comes while the call is under way is kept, and settles it when its answer is lost', async () => {
  const lost = tools.effects.length;
  const calling = call('pay.slow', { idempotency_key: 'kept' });
  await expect.poll(() => tools.effects.length).toBeGreaterThan(lost);
  const key = tools.effects.at(-1)?.key ?? '';
  const answer = await deliver(event(key, 'succeeded'), { id: 'evt_kept' });
  expect([answer.status, answer.body['status']]).toEqual([200, 'kept']);
  const id = await calling;
  expect(await read(id)).toMatchObject({
    status: 'completed',
    final_outcome: 'outcome_reconciled',
    settlements: [{ event_id: 'evt_kept', verdict: 'applied', contradiction: false }],
  });
  expect(tools.effects.filter((e) => e.key === key)).toHaveLength(1);
});

describe('a delivery that is not signed as it must be', () => {
  const body = event('exec_0', 'succeeded');
  const now = () => Math.floor(Date.now() / 1000);
  const wrong = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const CELLS: readonly { cell: string; to?: string; options?: SignOptions; headers?: object }[] = [
    { cell: 'another secret', options: { secret: wrong } },
    { cell: 'a timestamp of six minutes ago', options: { timestamp: now() - 360 } },
    { cell: 'a timestamp of six minutes ahead', options: { timestamp: now() + 360 } },
    { cell: 'a provider that does not exist', to: 'nobody' },
    { cell: 'a provider without a secret', to: 'mute' },
    { cell: 'a provider whose secret is not set', to: 'absent' },
    { cell: 'no headers', headers: { 'webhook-id': '', 'webhook-signature': '', 'webhook-timestamp': '' } },
    { cell: 'another id', headers: { 'webhook-id': 'evt_2' } },
    { cell: 'another timestamp', headers: { 'webhook-timestamp': String(now() - 1) } },
    { cell: 'a timestamp that only begins with digits', headers: { 'webhook-timestamp': `${now()}x` } },
    { cell: 'an empty signature', headers: { 'webhook-signature': 'v1,' } },
    { cell: 'a signature of another version', headers: { 'webhook-signature': 'v1a,AAAA' } },
  ];

  test.each(CELLS)('$cell: 401, and always the same words', async ({ to = 'acme', options, headers }) => {
    const answer = await gateway.request('POST', `/v1/webhooks/${to}`, {
      body,
      key: null,
      headers: { 'Content-Type': 'application/json', ...signEvent(body, options), ...headers },
    });
    expect([answer.status, answer.body['code'], answer.body['detail']]).toEqual([
      401,
      'signature_invalid',
      'The event is not signed with the secret of this provider, or its timestamp is too old.',
    ]);
  });

  test('an API key opens nothing here', async () => {
    const answer = await gateway.request('POST', '/v1/webhooks/acme', { body, key: FULL });
    expect(answer.status).toBe(401);
  });

  test('a body that was changed', async () => {
    const headers = { 'Content-Type': 'application/json', ...signEvent(body) };
    const answer = await gateway.request('POST', '/webhooks/acme', {
      body: `${body} `,
      key: null,
      headers,
    });
    expect(answer.status).toBe(401);
  });
});

test('one of several signatures is enough: a secret is being changed', async () => {
  const body = event('exec_0', 'succeeded');
  const signed = signEvent(body, { id: 'evt_rotated' });
  const signature = `v1,${Buffer.alloc(32).toString('base64')} ${signed['webhook-signature']}`;
  const headers = { 'Content-Type': 'application/json', ...signed, 'webhook-signature': signature };
  const answer = await gateway.request('POST', '/webhooks/acme', { body, key: null, headers });
  expect(told(answer)).toEqual([200, 'ignored', null]);
});

test.each([
  ['{"a":1,"a":2}', 400],
  ['[1]', 400],
  ['not json', 400],
  [`{"pad":"${'x'.repeat(1024 * 1024)}"}`, 413],
])('a signed body is read strictly (%#)', async (body, status) => {
  expect((await deliver(body, { id: 'evt_strict' })).status).toBe(status);
});

test('a provider cannot speak of calls of others, nor of other tenants', async () => {
  const id = await call('other.lost');
  expect(told(await deliver(event(id, 'succeeded'), { id: 'evt_foreign' }))).toEqual([200, 'ignored', null]);
  expect(await read(id)).toMatchObject({ status: 'needs_review', settlements: [] });
  const register = (slug: string, webhook_secret: string) =>
    gateway.request('POST', '/v1/providers', { key: TENANT_B, body: { name: slug, slug, webhook_secret } });
  await register('of-b', 'INVOKE_SECRET_OF_B');
  await register('borrows', 'INVOKE_SECRET_ACME');
  const mine = await call('pay.lost');
  // A secret that was not named for its tenant opens nothing.
  expect((await deliver(event(mine, 'succeeded'), { id: 'evt_borrowed', to: 'borrows' })).status).toBe(401);
  const answer = await deliver(event(mine, 'succeeded'), { id: 'evt_tenant', to: 'of-b' });
  expect(told(answer)).toEqual([200, 'ignored', null]);
  expect(await read(mine)).toMatchObject({ status: 'needs_review' });
});

test('conditions of a settlement that do not compile are refused at registration', async () => {
  const settlement = { reference: '/r', applied: { status: '> ' } };
  const answer = await gateway.request('POST', '/v1/providers/acme/tools', {
    body: {
      name: 'pay.broken',
      capability_card: { name: 'pay.broken', input_schema: {}, settlement },
      http: { method: 'POST', url: `${tools.url}/ok` },
    },
  });
  expect([answer.status, answer.body['code']]).toEqual([422, 'policy_invalid']);
  expect(answer.text).toContain('/capability_card/settlement/applied/status');
});
