import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AGENT, openReplica, OWNER, until, type Replica } from './support/replica.js';

/** What was promised for every replica. */
const PROMISED_MS = 5_000;

let postgres: TestPostgres;
let here: Replica;
let there: Replica;

beforeAll(async () => {
  postgres = await startPostgres();
  const database = await postgres.createDatabase();
  [here, there] = await Promise.all([openReplica(database), openReplica(database)]);
});

afterAll(async () => {
  await Promise.all([here[Symbol.asyncDispose](), there[Symbol.asyncDispose]()]);
  await postgres[Symbol.asyncDispose]();
});

async function issue(scopes: readonly string[]): Promise<{ readonly id: string; readonly secret: string }> {
  const { body } = await here.ask('POST /v1/keys', { body: { name: 'robot', scopes } });
  return { id: (body['key'] as { id: string }).id, secret: body['secret'] as string };
}

function opens(replica: Replica, key: string, path = '/v1/tools'): Promise<boolean> {
  return replica.ask(`GET ${path}`, { key }).then(({ status }) => status === 200);
}

test('a key that was made at one gateway works at the other one within 5 s', async () => {
  const { secret } = await issue(['tools:read']);
  expect(await opens(here, secret)).toBe(true);
  await until(() => opens(there, secret), PROMISED_MS);
});

test('a revoked key ends at once where it was revoked, and within 5 s everywhere', async () => {
  const { id, secret } = await issue(['tools:read']);
  await until(() => opens(there, secret), PROMISED_MS);
  await here.ask(`DELETE /v1/keys/${id}`);
  expect(await opens(here, secret)).toBe(false);
  const took = await until(async () => !(await opens(there, secret)), PROMISED_MS);
  expect(took).toBeLessThan(PROMISED_MS);
});

test('a rotation reaches the other gateway; both secrets work there while they overlap', async () => {
  const { id, secret } = await issue(['tools:read']);
  const rotated = await here.ask(`POST /v1/keys/${id}/rotate`, { body: { overlap_seconds: 60 } });
  const next = rotated.body['secret'] as string;
  await until(() => opens(there, next), PROMISED_MS);
  expect(await opens(there, secret)).toBe(true);
});

test('who watches with a key that is revoked is not told anything more', async () => {
  const frozen = await here.ask('POST /v1/call', {
    key: AGENT,
    body: {
      tool: 'fetch.url',
      params: { url: 'https://example.com/' },
      policy: { rules: [{ when: 'true', effect: 'require_approval' }] },
    },
  });
  const { id, secret } = await issue(['approvals:read']);
  await until(() => opens(there, secret, '/v1/approvals'), PROMISED_MS);
  const path = `/v1/approvals/${frozen.body['approval_id'] as string}/events`;
  const stream = await fetch(there.url + path, { headers: { 'X-API-Key': secret } });
  expect(stream.status).toBe(200);
  await here.ask(`DELETE /v1/keys/${id}`);
  const ended = stream.text().then((text) => text.match(/event: approval/g)?.length);
  expect(await Promise.race([ended, sleep(PROMISED_MS + 1_000)])).toBe(1);
});

test('tools and policies that change at one gateway are in force at the other one within 5 s', async () => {
  await here.ask('POST /v1/providers', { body: { name: 'Acme', slug: 'acme' } });
  const registered = await here.ask('POST /v1/providers/acme/tools', {
    body: {
      name: 'acme.thing',
      http: { method: 'POST', url: 'http://127.0.0.1:9/thing' },
      capability_card: { name: 'acme.thing', input_schema: { type: 'object' } },
    },
  });
  expect(registered.status).toBe(201);
  const call = { body: { tool: 'acme.thing', params: {}, failure_policy: { retry: 0 } } };
  await until(async () => (await there.ask('POST /v1/call', call)).status !== 404, PROMISED_MS);
  const document = { rules: [{ id: 'no', when: 'tool == "acme.thing"', effect: 'deny' }] };
  const saved = await here.ask('PUT /v1/policy', { body: document });
  expect(saved.status).toBe(200);
  await until(
    async () => (await there.ask('POST /v1/call', call)).body['code'] === 'policy_denied',
    PROMISED_MS,
  );
});

test('a gateway that cannot ask whether a key was revoked does not let it in', async () => {
  const { secret } = await issue(['tools:read']);
  await until(() => opens(there, secret), PROMISED_MS);
  if (postgres.control === null) throw new Error('this test stops its Postgres');
  await postgres.control.stop('immediate');
  try {
    await until(
      async () => (await there.ask('GET /v1/tools', { key: secret })).body['code'] === 'storage_unavailable',
      15_000,
    );
    // A key of the configuration needs nobody to be asked.
    expect(await opens(there, OWNER)).toBe(true);
  } finally {
    await postgres.control.start();
  }
  await until(() => opens(there, secret), 15_000);
}, 60_000);
