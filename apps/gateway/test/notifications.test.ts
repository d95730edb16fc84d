import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { APPROVER, FULL, openGateway, type TestGateway } from './support/gateway.js';
import { openReceiver, type Received, type Receiver } from './support/receiver.js';
import { PROVIDER_SECRET, signEvent } from './support/sign-event.js';
import { openToolServer, type ToolServer } from './support/tool-server.js';

const EVENTS_KEY = Buffer.from('key of the events webhook, 32 b!');
const EVENTS_SECRET = `whsec_${EVENTS_KEY.toString('base64')}`;
const CARD_NUMBER = '4111111111111111';

let tools: ToolServer;
let receiver: Receiver;
let gateway: TestGateway;
let folder: string;

beforeEach(async () => {
  tools = await openToolServer();
  receiver = await openReceiver();
  folder = await mkdtemp(join(tmpdir(), 'invoke-notify-'));
  gateway = await openGateway({
    APPROVAL_SLACK_WEBHOOK_URL: `${receiver.url}/slack/T0/B0/slackpath`,
    APPROVAL_EMAIL_WEBHOOK_URL: `${receiver.url}/email?list=ops`,
    INVOKE_EVENTS_WEBHOOK_URL: `${receiver.url}/events`,
    INVOKE_EVENTS_WEBHOOK_SECRET: EVENTS_SECRET,
    INVOKE_PUBLIC_URL: 'https://invoke.example',
    INVOKE_SECRET_ACME: PROVIDER_SECRET,
    INVOKE_LOG_FILE: join(folder, 'log.jsonl'),
  });
  await gateway.request('POST', '/v1/providers', {
    body: { name: 'Acme', slug: 'acme', webhook_secret: 'INVOKE_SECRET_ACME' },
  });
});

afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const SLACK = '/slack/T0/B0/slackpath';
const EMAIL = '/email?list=ops';

async function register(name: string, path: string, more: Record<string, unknown>): Promise<void> {
  const { approval_required = false, ...card } = more;
  const answer = await gateway.request('POST', '/v1/providers/acme/tools', {
    body: {
      name,
      approval_required,
      capability_card: { name, input_schema: { type: 'object' }, sensitive: ['/card'], ...card },
      http: { method: 'POST', url: tools.url + path },
    },
  });
  expect(answer.status, answer.text).toBe(201);
}

/** A call that waits for a human; returns the id of its approval. */
async function freeze(params: Record<string, unknown> = {}): Promise<string> {
  await register('pay', '/ok', { approval_required: true });
  const answer = await gateway.request('POST', '/v1/call', { body: { tool: 'pay', params } });
  expect(answer.body['status']).toBe('pending_approval');
  const { body } = await gateway.request('GET', '/v1/approvals');
  return (body['approvals'] as { id: string }[])[0]?.id ?? '';
}

async function next(path: string, n = 1): Promise<Received> {
  await expect.poll(() => receiver.at(path).length, { timeout: 8_000 }).toBeGreaterThanOrEqual(n);
  return receiver.at(path)[n - 1] as Received;
}

describe('a call that waits for a human', () => {
  test('is told to all channels at once, with what there is to decide and without secrets', async () => {
    const id = await freeze({ amount: 5, card: CARD_NUMBER, note: 'key sk_live_abcdefgh12345678' });
    const [slack, email, events] = [await next(SLACK), await next(EMAIL), await next('/events')];
    expect(email.body).toMatchObject({
      subject: `Invoke: Approval requested (${id})`,
      approval: { id, status: 'pending', tool: 'pay' },
      url: null,
    });
    const approve = `invoke approvals approve ${id} --digest sha256:`;
    expect(email.body['command']).toMatch(new RegExp(`^${approve}[0-9a-f]{64}$`));
    expect(events.body).toMatchObject({ type: 'approval.requested', data: { approval: { id } } });
    expect(events.body['timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(slack.body['text']).toBe(`Approval requested (${id})`);
    expect(slack.text).toContain(`Run \`${approve}`);
    expect(slack.text).not.toContain('https://invoke.example');
    for (const { text } of [slack, email, events]) {
      expect(text).toContain(String.raw`{\"amount\":5,\"card\":\"[redacted]\",\"note\":\"key [redacted]\"}`);
      expect(text).not.toContain(CARD_NUMBER);
      expect(text).not.toContain('sk_live');
      expect(text).not.toContain(FULL);
      expect(text).not.toMatch(/https?:[^"|>\s]*(?:approve|reject|token)/);
    }
  });

  test('is signed for receivers of events and mail, and not for Slack', async () => {
    await freeze();
    for (const { headers, text } of [await next('/events'), await next(EMAIL)]) {
      const id = String(headers['webhook-id']);
      const timestamp = String(headers['webhook-timestamp']);
      const signed = createHmac('sha256', EVENTS_KEY).update(`${id}.${timestamp}.${text}`).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${signed}`);
      expect(id).toMatch(/^msg_[0-9a-f]{32}$/);
      expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
    }
    expect((await next(SLACK)).headers['webhook-signature']).toBeUndefined();
  });

  test('tells of the decision as well', async () => {
    const id = await freeze();
    await next('/events');
    const rejected = await gateway.request('POST', `/v1/approvals/${id}/reject`, {
      key: APPROVER,
      body: { reviewed_by: 'Ada' },
    });
    expect(rejected.status).toBe(200);
    expect((await next('/events', 2)).body).toMatchObject({
      type: 'approval.decided',
      data: { approval: { id, status: 'rejected', outcome: 'rejected' }, execution: { status: 'rejected' } },
    });
    expect((await next(SLACK, 2)).text).not.toContain('approvals approve');
  });
});

describe('text that is meant to deceive', () => {
  test('shows its hidden characters, links to nothing and stays in its line', async () => {
    await freeze({ to: 'a\u202Eb', say: '<!channel> *ok* ```\n<https://evil.example|x>' });
    const slack = (await next(SLACK)).text;
    expect(slack).toContain(String.raw`a\\u{202E}b`);
    expect(slack).toContain('&lt;!channel&gt;');
    expect(slack).toContain('&lt;https://evil.example|x&gt;');
    expect(slack).not.toContain('<!channel>');
    expect(slack.match(/```/g)).toHaveLength(2);
    expect((await next(EMAIL)).text).toContain(String.raw`a\\u{202E}b`);
  });

  test('does not get into the subject of a mail', async () => {
    const id = await freeze({ subject: 'x\r\nBcc: all@example.com' });
    const { body } = await next(EMAIL);
    expect(body['subject']).toBe(`Invoke: Approval requested (${id})`);
    expect(String(body['text'])).not.toContain('\nBcc');
  });
});

describe('a receiver', () => {
  test('that fails is tried again, with the same id', async () => {
    receiver.script('/events', { status: 500 });
    await freeze();
    const [first, second] = [await next('/events', 1), await next('/events', 2)];
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
    expect(second.text).toBe(first.text);
    expect(receiver.at(SLACK)).toHaveLength(1);
  }, 15_000);

  test.each([
    ['is gone', { status: 410 }, 'dead'],
    ['redirects', { status: 302, headers: { Location: '/elsewhere' } }, 'retry'],
  ])('that %s gets nothing more for now', async (_, answer, then) => {
    receiver.script('/events', answer);
    await freeze();
    await next('/events');
    await next(SLACK);
    const log = await expect
      .poll(() => readFile(join(folder, 'log.jsonl'), 'utf8'))
      .toContain('message_not_delivered')
      .then(() => readFile(join(folder, 'log.jsonl'), 'utf8'));
    expect(log).toContain(`"next":"${then}"`);
    expect(log).not.toContain('slackpath');
    expect(log).not.toContain(EVENTS_SECRET);
    expect(receiver.at('/elsewhere')).toHaveLength(0);
  });
});

/** Tells of a call, as its provider would. */
async function deliver(ref: string, ok: boolean, id: string): Promise<unknown> {
  const text = JSON.stringify({ ref, ok });
  const headers = { 'Content-Type': 'application/json', ...signEvent(text, { id }) };
  const { body } = await gateway.request('POST', '/webhooks/acme', { body: text, key: null, headers });
  return body['status'];
}

const SETTLEMENT = { reference: '/ref', applied: { ok: true }, not_applied: { ok: false } };

test('a settled outcome and a contradiction are told', async () => {
  await register('lost', '/apply-then-reset', { settlement: SETTLEMENT });
  const { body } = await gateway.request('POST', '/v1/call', { body: { tool: 'lost', params: {} } });
  const ref = String(body['execution_id']);
  expect(await deliver(ref, true, 'e1')).toBe('settled');
  expect(await deliver(ref, false, 'e2')).toBe('replan_required');
  await next('/events', 3);
  const told = receiver.at('/events').map((r) => r.body);
  expect(told.map((b) => b['type']).toSorted()).toEqual([
    'execution.contradicted',
    'execution.settled',
    'review.requested',
  ]);
  expect(told.find((b) => b['type'] === 'execution.settled')).toMatchObject({
    data: { execution: { execution_id: ref, status: 'completed', final_outcome: 'outcome_reconciled' } },
  });
});

test('an event that came while the call was under way and contradicts its answer is told of, once', async () => {
  const idempotency = { header: 'Idempotency-Key' };
  await register('slow', '/late/600', { settlement: SETTLEMENT, idempotency });
  const calling = gateway.request('POST', '/v1/call', { body: { tool: 'slow', params: {} } });
  await expect.poll(() => tools.effects.length).toBe(1);
  const ref = tools.effects[0]?.key ?? '';
  expect(await deliver(ref, false, 'e1')).toBe('kept');
  expect((await calling).body['status']).toBe('completed');
  expect((await next('/events')).body['type']).toBe('execution.contradicted');
  expect(await deliver(ref, false, 'e1')).toBe('duplicate');
  expect(await deliver(ref, false, 'e2')).toBe('replan_required');
  await next('/events', 2);
  expect(receiver.at('/events')).toHaveLength(2);
});
