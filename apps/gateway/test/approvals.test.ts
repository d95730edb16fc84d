import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APPROVER, CALL_ONLY, FULL, openGateway, TENANT_B, type TestGateway } from './support/gateway.js';
import { register } from './support/register.js';
import { openToolServer, type ToolServer } from './support/tool-server.js';

let gateway: TestGateway;
let tools: ToolServer;
beforeAll(async () => {
  [gateway, tools] = await Promise.all([openGateway(), openToolServer()]);
  await register(gateway, 'git.push', `${tools.url}/ok`, { sensitive: ['/deploy_key'] });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await tools[Symbol.asyncDispose]();
});

const RULE = { when: 'action == git_push', effect: 'require_approval', reason: 'pushes need a human' };
let calls = 0;

/** A call that waits for a human; returns the ids that its caller is told. */
async function freeze(params: object = { branch: 'main' }) {
  calls += 1;
  const agent_id = `agent_${calls}`;
  const body = {
    tool: 'git.push',
    action: 'git_push',
    agent_id,
    params,
    idempotency_key: `k${calls}`,
    policy: { rules: [RULE] },
  };
  const answer = await gateway.request('POST', '/v1/call', { body });
  expect([answer.status, answer.body['status']]).toEqual([202, 'pending_approval']);
  expect(answer.headers.get('location')).toBe(`/v1/executions/${String(answer.body['execution_id'])}`);
  return { id: String(answer.body['approval_id']), agent_id, body };
}

const decide = (id: string, what: string, body: object = {}, key = APPROVER) =>
  gateway.request('POST', `/v1/approvals/${id}/${what}`, { body, key });

describe('the queue', () => {
  test('shows what is frozen, without what the card calls sensitive, in both path forms', async () => {
    const { id, agent_id } = await freeze({ branch: 'main', deploy_key: 'k-1' });
    for (const prefix of ['', '/v1']) {
      const list = await gateway.request('GET', `${prefix}/approvals?status=pending&agent_id=${agent_id}`, {
        key: APPROVER,
      });
      const one = await gateway.request('GET', `${prefix}/approvals/${id}`, { key: APPROVER });
      expect(list.body['approvals']).toEqual([one.body['approval']]);
      expect(one.body['approval']).toMatchObject({
        id,
        status: 'pending',
        kind: 'approval',
        tool: 'git.push',
        agent_id,
        reason: 'pushes need a human',
        params: { branch: 'main', deploy_key: '[redacted]' },
        approvals_needed: 1,
        approvals_given: 0,
      });
    }
  });

  test('pages are cut by a cursor', async () => {
    const ids = [(await freeze()).id, (await freeze()).id, (await freeze()).id];
    const first = await gateway.request('GET', '/approvals?limit=2', { key: APPROVER });
    const next = await gateway.request(
      'GET',
      `/approvals?limit=1&cursor=${String(first.body['next_cursor'])}`,
      { key: APPROVER },
    );
    const seen = [first, next].flatMap((p) => (p.body['approvals'] as { id: string }[]).map((a) => a.id));
    expect(seen).toEqual(ids.reverse());
  });

  test.each([
    ['GET', '/approvals', CALL_ONLY, undefined, 403, 'insufficient_scope'],
    ['GET', '/approvals?status=nope', APPROVER, undefined, 422, 'validation_failed'],
    ['GET', '/approvals/appr_x', APPROVER, undefined, 404, 'not_found'],
    ['POST', '/approvals', APPROVER, {}, 405, 'method_not_allowed'],
    ['GET', '/approvals/appr_x/approve', APPROVER, undefined, 405, 'method_not_allowed'],
    ['POST', '/approvals/apr_%27%20or%201=1/approve', APPROVER, {}, 404, 'not_found'],
  ])('%s %s: refused', async (method, path, key, body, status, code) => {
    const answer = await gateway.request(method, path, { key, ...(body === undefined ? {} : { body }) });
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });
});

describe('decisions', () => {
  test('approve: executed once, the answer carries the result, and the caller who asks again gets it', async () => {
    const before = tools.effects.length;
    const { id, body } = await freeze();
    const answer = await decide(id, 'approve', { reviewed_by: 'dana' });
    expect([answer.status, answer.body]).toMatchObject([
      200,
      {
        success: true,
        status: 'executed',
        outcome: 'executed',
        approval_id: id,
        execution_status: 'completed',
      },
    ]);
    expect((await decide(id, 'approve')).body['code']).toBe('approval_conflict');
    const again = await gateway.request('POST', '/v1/call', { body });
    expect(again.body).toMatchObject({ status: 'completed', replayed: true, result: answer.body['result'] });
    expect(tools.effects.length - before).toBe(1);
  });

  test('reject: nothing is executed', async () => {
    const before = tools.effects.length;
    const { id } = await freeze();
    expect((await decide(id, 'reject', { comment: 'no' })).body).toMatchObject({
      outcome: 'rejected',
      success: true,
    });
    expect((await decide(id, 'approve')).status).toBe(409);
    expect(tools.effects.length).toBe(before);
  });

  test.each([
    ['the caller of the call', {}, FULL, 403, 'self_approval_denied'],
    ['a key without approvals:write', {}, CALL_ONLY, 403, 'insufficient_scope'],
    ['a key of another tenant', {}, TENANT_B, 403, 'insufficient_scope'],
    ['another digest', { digest: `sha256:${'0'.repeat(64)}` }, APPROVER, 409, 'approval_digest_mismatch'],
    ['a digest that is cut off', { digest: 'sha256:0000' }, APPROVER, 409, 'approval_digest_mismatch'],
    ['other params', { params: { branch: 'x' } }, APPROVER, 422, 'validation_failed'],
    ['control characters', { reviewed_by: 'dana\r\nX: 1\u001b[2J' }, APPROVER, 422, 'validation_failed'],
  ])('%s: refused, and it stays pending', async (_, body, key, status, code) => {
    const before = tools.effects.length;
    const { id } = await freeze();
    const answer = await decide(id, 'approve', body, key);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    const { body: read } = await gateway.request('GET', `/approvals/${id}`, { key: APPROVER });
    expect(read['approval']).toMatchObject({ status: 'pending' });
    expect(tools.effects.length).toBe(before);
  });
});

test('events: the approval as it stands, then its end', async () => {
  const { id } = await freeze();
  const response = await fetch(`${gateway.url}/v1/approvals/${id}/events`, {
    headers: { 'X-API-Key': APPROVER },
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const [, text] = await Promise.all([decide(id, 'reject'), response.text()]);
  const statuses = [...text.matchAll(/^data: (.*)$/gm)].map(
    (m) => (JSON.parse(m[1] ?? '') as { status: string }).status,
  );
  expect(statuses.at(-1)).toBe('rejected');
});

describe('a caller is told what a human has to decide', () => {
  test('a durable execution that waits is told in the words of a call, with its approval', async () => {
    const body = {
      action: 'guarded',
      params: { to: 'x' },
      agent_id: 'agent_durable',
      idempotency_key: 'durable-1',
    };
    await registerGuarded();
    const frozen = await gateway.request('POST', '/v1/executions', { body });
    expect(frozen.status).toBe(202);
    const execution = frozen.body['execution'] as { execution_id: string; approval_id: string };
    expect(execution).toMatchObject({
      status: 'pending_approval',
      approval_id: expect.stringMatching(/^appr_[0-9a-f]{32}$/),
    });
    const one = await gateway.request('GET', `/v1/executions/${execution.execution_id}`);
    expect(one.body['execution']).toMatchObject({
      status: 'pending_approval',
      approval_id: execution.approval_id,
    });
    for (const word of ['pending_approval', 'awaiting_approval']) {
      const list = await gateway.request('GET', `/v1/executions?status=${word}&agent_id=agent_durable`);
      expect(list.body['executions']).toEqual([expect.objectContaining({ status: 'pending_approval' })]);
    }
    expect((await decide(execution.approval_id, 'reject')).status).toBe(200);
  });

  test('the first answer to an outcome that nobody knows names the review, like those after it', async () => {
    await register(gateway, 'blind', `${tools.url}/status/500`);
    const body = { tool: 'blind', params: {}, agent_id: 'agent_blind', idempotency_key: 'blind-1' };
    const first = await gateway.request('POST', '/v1/call', { body });
    expect([first.status, first.body['status'], first.body['decision']]).toEqual([502, 'unknown', 'review']);
    const again = await gateway.request('POST', '/v1/call', { body });
    expect([again.status, again.body['status']]).toEqual([202, 'needs_review']);
    expect(first.body['approval_id']).toMatch(/^appr_/);
    expect(again.body['approval_id']).toBe(first.body['approval_id']);
  });

  test('a retry that fails again names the review that it has led to', async () => {
    await register(gateway, 'blind_again', `${tools.url}/status/500`);
    const body = { tool: 'blind_again', params: {}, agent_id: 'agent_again' };
    const { body: first } = await gateway.request('POST', '/v1/call', { body });
    const id = String(first['approval_id']);
    const retried = await decide(id, 'resolve', { resolution: 'retry' });
    expect(retried.body).toMatchObject({ status: 'executed', execution_status: 'needs_review' });
    const next = String(retried.body['next_approval_id']);
    expect(next).toMatch(/^appr_/);
    expect(next).not.toBe(id);
    const fresh = await gateway.request('GET', `/v1/approvals/${next}`, { key: APPROVER });
    expect(fresh.body['approval']).toMatchObject({ kind: 'review', status: 'pending' });
  });
});

/** A tool that is never called without a human. */
function registerGuarded() {
  return gateway.request('POST', '/v1/providers/acme/tools', {
    body: {
      name: 'guarded',
      capability_card: { name: 'guarded', input_schema: { type: 'object' } },
      http: { method: 'POST', url: `${tools.url}/ok` },
      approval_required: true,
    },
  });
}
