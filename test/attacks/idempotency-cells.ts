import { expect } from 'vitest';
import type { Cell, Cells, RowOutcome } from './support/cell.js';
import { PREFIXES, type Prefix } from './support/rows.js';
import { must, type Answer, type Request, type World } from './support/world.js';

/**
 * Rows about idempotency keys. Each is played as it is written, which runs a workflow over the sandbox, and in the second
 * form of the same endpoint with a tool that counts.
 */
export const IDEMPOTENCY_CELLS: Cells = {
  'IDEM-001': { ...afterFirst('k1'), check: firstIsUntouched },
  'IDEM-002': {
    ...afterFirst('k1'),
    executed: (request) => (isDirect(request) ? { 'payments.charge': 1 } : {}),
    async check(outcome) {
      const { answer, fixtures } = outcome;
      expect(answer.body['success']).toBe(true);
      expect(answer.headers.get('idempotency-replayed')).toBeNull();
      expect([fixtures['FIRST'], fixtures['FIRST_DIRECT']]).not.toContain(executionId(answer));
    },
  },
  'IDEM-003': { requests: bothForms },
  'IDEM-007': { ...afterFirst('k-order'), check: isReplay },
  'IDEM-008': {
    ...afterFirst('k-num'),
    /* As text, because a parsed 2400.0 is written as 2400. */
    requests: (request) =>
      bothForms(request).map((r) => ({
        ...r,
        body: JSON.stringify(r.body).replace('"amount":2400', '"amount":2400.0'),
      })),
    check: isReplay,
  },
  'IDEM-011': { ...afterFirst('k-scope'), check: firstIsUntouched },
  'IDEM-012': {
    async arrange(world) {
      const { body } = await must(world.url, {
        method: 'POST',
        path: '/v1/call',
        body: { tool: 'mail.send', params: { to: 'a@b.c' } },
      });
      return { SOME_EXECUTION: String(body['execution_id']) };
    },
    requests(request) {
      const path = request.path.replace(/\?.*$/, '');
      const bad = ['limit=-1', 'limit=0', 'limit=201', 'limit=NaN', 'limit=1e9', 'limit=1.5', 'limit='];
      const cursors = ["' or 1=1", 'exec_1', Buffer.from("exec_' or 1=1").toString('base64url')];
      const queries = [...bad, ...cursors.map((c) => `cursor=${encodeURIComponent(c)}`), 'limit=5&limit=6'];
      return [request, ...queries.map((query) => ({ ...request, path: `${path}?${query}` }))];
    },
  },
};

/** What the key names before the row is played, in both forms. */
const FIRST = {
  workflow: 'safe-tool-execution',
  agent_id: 'revops_agent',
  input: { params: { customer_id: 'cust_123', amount: 2400, currency: 'usd' } },
};

function afterFirst(key: string): Cell {
  return {
    async arrange(world, prefix) {
      const [packaged, direct] = await Promise.all(
        bothForms(first(key, prefix)).map((request) => must(world.url, request)),
      );
      return { FIRST: executionId(packaged), FIRST_DIRECT: executionId(direct), KEY: key };
    },
    requests: bothForms,
  };
}

function first(key: string, prefix: Prefix = PREFIXES[0]): Request {
  return { method: 'POST', path: `${prefix}/executions`, headers: { 'Idempotency-Key': key }, body: FIRST };
}

/** A request as it is, and the same one of a tool of these tests, under a key of its own. */
function bothForms(request: Request): readonly Request[] {
  const { workflow: _workflow, input, ...rest } = request.body as Record<string, unknown>;
  const { params } = input as { readonly params: unknown };
  const key = request.headers?.['Idempotency-Key'] ?? '';
  return [
    request,
    {
      ...request,
      headers: { ...request.headers, 'Idempotency-Key': key === '' ? '' : `${key}-direct` },
      body: { ...rest, action: 'payments.charge', params },
    },
  ];
}

function isDirect({ body }: Request): boolean {
  return JSON.stringify(body).includes('payments.charge');
}

function executionId(answer: Answer | undefined): string {
  return String((answer?.body['execution'] as Record<string, unknown> | undefined)?.['execution_id']);
}

function isReplay({ answer, fixtures }: RowOutcome): void {
  expect(answer.headers.get('idempotency-replayed')).toBe('true');
  expect([fixtures['FIRST'], fixtures['FIRST_DIRECT']]).toContain(executionId(answer));
  expect(answer.body['success']).toBe(true);
}

/** The refusal shows nothing of the first call, and that is still what the key names. */
async function firstIsUntouched({ world, answer, fixtures }: RowOutcome): Promise<void> {
  expect(answer.text).not.toMatch(/exec_/);
  const again = await Promise.all(bothForms(first(fixtures['KEY'] ?? '')).map((r) => repeat(world, r)));
  expect(again.map(executionId)).toEqual([fixtures['FIRST'], fixtures['FIRST_DIRECT']]);
}

async function repeat(world: World, request: Request): Promise<Answer> {
  const before = world.tools.counts();
  const answer = await must(world.url, request);
  expect(world.tools.counts()).toEqual(before);
  return answer;
}
