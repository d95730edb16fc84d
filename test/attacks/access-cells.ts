import { expect } from 'vitest';
import { approval, freeze, named, pushCall } from './support/approvals.js';
import type { Cells, RowOutcome } from './support/cell.js';
import type { Request, World } from './support/world.js';

/** Rows about scopes, deputies and entities. */
export const ACCESS_CELLS: Cells = {
  'SCOPE-002': {
    async check({ answer, world, prefix }) {
      const existing = await world.request({
        method: 'POST',
        path: `${prefix}/call`,
        key: 'SCOPED',
        body: { tool: 'crm_update_customer', params: {}, agent_id: 'research_agent_v1', env: 'dev' },
      });
      expect(existing.status).toBe(403);
      expect(withoutNames(answer.body)).toEqual(withoutNames(existing.body));
    },
  },
  'SCOPE-004': {
    requests: (request) =>
      ['fetch.url ', ' fetch.url', 'fetch.url\u200b', 'fetch\uff0eurl', '\uff46etch.url'].map((tool) =>
        withBody(request, { tool }),
      ),
  },
  'SCOPE-011': { check: limitIs('agent_id') },
  'SCOPE-013': { check: limitIs('workflow') },
  'SCOPE-014': { check: limitIs('env') },
  'SCOPE-016': { check: limitIs('resource') },
  'SCOPE-017': { check: limitIs('resource') },
  'SCOPE-020': {
    requests: (request) =>
      ['acme/app/../secret', 'acme/app/', 'acme/app2', 'acme/./app'].map((repo) =>
        withBody(request, { params: { repo, title: 'x' } }),
      ),
    check: limitIs('resource'),
  },
  'SCOPE-021': { check: limitIs('resource') },
  'SCOPE-022': { check: limitIs('action') },
  'SCOPE-023': {
    arrange: returnsWhatItIsTold,
    requests: (request) => [withBody(request, { tool: 'mock.state', params: { return: { a: 1 } } })],
    executed: { 'mock.state': 1 },
    async check({ row, world, prefix }) {
      const body = row.body as Record<string, unknown>;
      const call = { method: 'POST', path: `${prefix}/call`, key: 'SCOPED' } as const;
      const denied = { ...body, tool: 'mock.state', params: { secret: 1 } };
      const secret = await world.request({ ...call, body: denied });
      expect([secret.status, secret.body['code']]).toEqual([403, 'policy_denied']);
      const asWritten = await world.request({ ...call, body });
      expect(asWritten.body['execution_id'], 'it is let through to the tool').toMatch(/^exec_/);
    },
  },
  'SCOPE-030': { arrange: executionOfA, check: sameAsRandomExecution },
  'SCOPE-031': {
    arrange: async (world) => named('APR_OF_A', await freeze(world, pushCall())),
  },
  'SCOPE-032': {
    arrange: async (world) => named('APR_OF_A', await freeze(world, pushCall())),
    async check({ world, fixtures }) {
      expect(await approval(world, fixtures['APR_OF_A'] ?? '')).toMatchObject({ status: 'pending' });
    },
  },
  'SCOPE-034': {
    async check({ world }) {
      const { EXEC_OF_A: id = '' } = await executionOfA(world);
      expect(id).toMatch(/^exec_[0-9a-f]{32}$/);
    },
  },
  'SCOPE-036': {
    async check({ world, prefix, row }) {
      const body = row.body as Record<string, unknown>;
      const full = await world.request({ method: 'POST', path: `${prefix}/call`, body });
      expect([full.status, full.body['code']]).toEqual([409, 'tool_conflict']);
    },
  },
  'DEP-006': {
    /* The line has two faults. Without conditions it is refused for that; this is about the other one. */
    requests(request) {
      const { failure_policy: policy } = request.body as { failure_policy: { reconcile: object } };
      const reconcile = { ...policy.reconcile, conditions: { charged: true } };
      return [withBody(request, { failure_policy: { ...policy, reconcile } })];
    },
    async check({ row, world, prefix }) {
      const asWritten = await world.request({ method: 'POST', path: `${prefix}/call`, body: row.body });
      expect([asWritten.status, asWritten.body['code']]).toEqual([422, 'policy_invalid']);
    },
  },
  'DEP-018': {
    arrange: returnsWhatItIsTold,
    executed: { 'mock.state': 1 },
    check: ({ answer }) => expect(answer.body).toMatchObject({ status: 'blocked', decision: 'abort' }),
  },
};

/** What differs between two refusals only because they are two. */
function withoutNames(body: Readonly<Record<string, unknown>>): unknown {
  const { request_id: _request, trace_id: _trace, tool: _tool, ...rest } = body;
  return rest;
}

function withBody(request: Request, more: Readonly<Record<string, unknown>>): Request {
  return { ...request, body: { ...(request.body as Record<string, unknown>), ...more } };
}

/** The limit that denied the call, so that no row passes because of another one. */
function limitIs(limit: string) {
  return ({ answer }: RowOutcome) => expect(answer.body['limit']).toBe(limit);
}

async function executionOfA({ request }: World) {
  const { body } = await request({
    method: 'POST',
    path: '/v1/call',
    body: { tool: 'mail.send', params: { to: 'a@b.c' } },
  });
  return { EXEC_OF_A: String(body['execution_id']) };
}

async function sameAsRandomExecution({ world, prefix, answer }: RowOutcome) {
  const random = await world.request({
    method: 'GET',
    path: `${prefix}/executions/exec_0123456789abcdef0123456789abcdef`,
    key: 'TENANT_B',
  });
  expect(withoutNames(answer.body)).toEqual(withoutNames(random.body));
}

async function returnsWhatItIsTold({ tools }: World) {
  tools.answer('mock.state', ({ params }) => ({ status: 200, body: params['return'] }));
  return {};
}
