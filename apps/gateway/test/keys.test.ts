import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  APPROVER,
  CALL_ONLY,
  FULL,
  openGateway,
  TENANT_B,
  type Answer,
  type TestGateway,
} from './support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await openGateway();
});

afterAll(() => gateway[Symbol.asyncDispose]());

interface Issued {
  readonly id: string;
  readonly secret: string;
}

async function create(body: object, key = FULL): Promise<Answer> {
  return gateway.request('POST', '/v1/keys', { body: { name: 'robot', ...body }, key });
}

async function issue(body: object, key = FULL): Promise<Issued> {
  const made = await create(body, key);
  expect(made.status, made.text).toBe(201);
  return issuedOf(made);
}

function issuedOf({ body }: Answer): Issued {
  return { id: (body['key'] as { id: string }).id, secret: body['secret'] as string };
}

async function statusOf(key: string, path = '/v1/tools'): Promise<number> {
  return (await gateway.request('GET', path, { key })).status;
}

describe('stored keys over HTTP', () => {
  test('a key is made, is told once, works at once, and within its limits', async () => {
    const { id, secret } = await issue({ scopes: ['tools:read'] });
    expect(id).toMatch(/^key_[0-9a-f]{32}$/);
    expect(secret).toMatch(/^inv_[A-Za-z0-9_-]{32}$/);
    expect(await statusOf(secret)).toBe(200);
    expect(await statusOf(secret, '/v1/traces')).toBe(403);
    expect(await statusOf(`${secret}x`)).toBe(401);
    const listed = await gateway.request('GET', '/v1/keys');
    expect(listed.text).toContain(id);
    expect(listed.text).not.toContain(secret);
    expect(listed.text).not.toContain('digest');
    const found = (listed.body['keys'] as Record<string, unknown>[]).find((key) => key['id'] === id);
    expect(found).toMatchObject({
      name: 'robot',
      state: 'active',
      grant: { scopes: ['tools:read'], tenant: 'default' },
      secrets: [{ prefix: secret.slice(0, 8), last_four: secret.slice(-4), ends_at: null }],
    });
  });

  test('a rotation: two secrets for a while, then one', async () => {
    const { id, secret } = await issue({ scopes: ['tools:read'] });
    const rotated = await gateway.request('POST', `/v1/keys/${id}/rotate`, { body: { overlap_seconds: 1 } });
    const next = issuedOf(rotated);
    expect(next.id).toBe(id);
    expect([await statusOf(secret), await statusOf(next.secret)]).toEqual([200, 200]);
    await sleep(1_100);
    expect([await statusOf(secret), await statusOf(next.secret)]).toEqual([401, 200]);
    const last = issuedOf(
      await gateway.request('POST', `/v1/keys/${id}/rotate`, { body: { overlap_seconds: 0 } }),
    );
    expect([await statusOf(next.secret), await statusOf(last.secret)]).toEqual([401, 200]);
  });

  test('a revoked key opens nothing any more, and is not rotated back to life', async () => {
    const { id, secret } = await issue({ scopes: ['tools:read'] });
    const revoked = await gateway.request('DELETE', `/v1/keys/${id}`);
    expect(revoked.body).toMatchObject({ success: true, key: { id, state: 'revoked' } });
    expect(await statusOf(secret)).toBe(401);
    expect((await gateway.request('DELETE', `/v1/keys/${id}`)).status).toBe(200);
    expect((await gateway.request('POST', `/v1/keys/${id}/rotate`, { body: {} })).status).toBe(409);
  });

  test('an expired key opens nothing', async () => {
    const { secret } = await issue({ scopes: ['tools:read'], expires_at: '2020-01-01T00:00:00Z' });
    expect(await statusOf(secret)).toBe(401);
  });
});

describe('nobody grants more than they have', () => {
  test('only who administers makes, sees and ends keys', async () => {
    for (const key of [CALL_ONLY, APPROVER]) {
      expect((await create({}, key)).body['code']).toBe('insufficient_scope');
      expect((await gateway.request('GET', '/v1/keys', { key })).status).toBe(403);
      expect((await gateway.request('DELETE', '/v1/keys/key_x', { key })).status).toBe(403);
    }
  });

  test('a scope that one does not have cannot be granted, nor got by rotating a stronger key', async () => {
    const admin = await issue({ scopes: ['providers:admin', 'tools:read'] });
    expect((await create({ scopes: ['approvals:write'] }, admin.secret)).body).toMatchObject({
      code: 'insufficient_scope',
      missing_scope: 'approvals:write',
    });
    const strong = await issue({ scopes: ['approvals:write'] });
    const stolen = await gateway.request('POST', `/v1/keys/${strong.id}/rotate`, {
      body: {},
      key: admin.secret,
    });
    expect(stolen.status).toBe(403);
    expect(stolen.text).not.toContain('inv_');
  });

  test('keys of another tenant are not there, and none are made for it', async () => {
    const { id } = await issue({ scopes: ['tools:read'] });
    const here = { key: TENANT_B };
    expect((await gateway.request('DELETE', `/v1/keys/${id}`, here)).status).toBe(404);
    expect((await gateway.request('POST', `/v1/keys/${id}/rotate`, { body: {}, ...here })).status).toBe(404);
    expect((await gateway.request('GET', '/v1/keys', here)).text).not.toContain(id);
    expect((await create({ tenant: 'b' })).status).toBe(422);
    const own = await issue({ scopes: ['tools:read'] }, TENANT_B);
    expect(own.id).not.toBe(id);
  });

  test('a key that one has made is no second person: it cannot approve what its maker asks for', async () => {
    const requester = await issue({ scopes: ['tools:call', 'approvals:write', 'providers:admin'] });
    const puppet = await issue({ scopes: ['approvals:write'] }, requester.secret);
    const call = await gateway.request('POST', '/v1/call', {
      body: {
        tool: 'fetch.url',
        params: { url: 'https://example.com/' },
        policy: { rules: [{ when: 'true', effect: 'require_approval' }] },
      },
      key: requester.secret,
    });
    const approvalId = (call.body['approval_id'] ?? '') as string;
    expect(approvalId, call.text).toMatch(/^appr_/);
    const path = `/v1/approvals/${approvalId}`;
    const asPuppet = await gateway.request('POST', `${path}/approve`, { body: {}, key: puppet.secret });
    expect(asPuppet.body['code']).toBe('self_approval_denied');
    expect((await gateway.request('POST', `${path}/reject`, { body: {}, key: APPROVER })).status).toBe(200);
  });

  test('who makes two keys is one approver, whichever of them says yes first', async () => {
    const admin = await issue({ scopes: ['approvals:write', 'providers:admin'] });
    const [one, other] = [
      await issue({ scopes: ['approvals:write'] }, admin.secret),
      await issue({ scopes: ['approvals:write'] }, admin.secret),
    ];
    const agent = await issue({ scopes: ['tools:call'] });
    const call = await gateway.request('POST', '/v1/call', {
      body: {
        tool: 'fetch.url',
        params: { url: 'https://example.com/' },
        policy: { rules: [{ when: 'true', effect: 'require_approval', approvers: 2 }] },
      },
      key: agent.secret,
    });
    const approve = (key: string) =>
      gateway.request('POST', `/v1/approvals/${String(call.body['approval_id'])}/approve`, { body: {}, key });
    expect((await approve(one.secret)).body).toMatchObject({ status: 'pending' });
    const second = await approve(other.secret);
    expect(second.body).toMatchObject({ code: 'approval_conflict', agreed: one.id });
    expect((await approve(admin.secret)).body).toMatchObject({ code: 'approval_conflict' });
    // Whoever is told the secret of somebody else's key is not somebody else with it.
    const path = `/v1/keys/${other.id}/rotate`;
    expect((await gateway.request('POST', path, { body: {}, key: admin.secret })).status).toBe(200);
    expect((await approve(APPROVER)).status).toBe(200);
  });
});
