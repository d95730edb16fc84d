import { expect } from 'vitest';
import type { AttackRow } from './rows.js';
import type { Answer, World } from './world.js';

/** The answer as its row says: a status, and a problem document that tells a person what is wrong and a stranger nothing. */
export function expectAnswer(answer: Answer, row: AttackRow): void {
  expect(`${answer.status} ${problemOf(answer)}`, answer.text).toBe(
    `${row.expect_status} ${row.expect_status === 202 ? 'none' : (row.expect_problem ?? 'none')}`,
  );
  if (row.expect_status === 202) expect(answer.body['status']).toBe(row.expect_problem);
  if (answer.status >= 400) expectProblem(answer);
  expectNoLeak(answer.text);
}

function problemOf({ headers, body }: Answer): string {
  if (!(headers.get('content-type') ?? '').startsWith('application/problem+json')) return 'none';
  return String(body['type']).split('/').at(-1) ?? '';
}

/** RFC 9457, as far as every answer has to have it. */
export function expectProblem({ status, headers, body }: Answer): void {
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({
    type: expect.stringMatching(/^https:\/\/\S+\/[a-z_]+$/),
    title: expect.stringMatching(/\S/),
    detail: expect.stringMatching(/\S/),
    request_id: headers.get('x-request-id'),
    success: false,
  });
  expect([status, 'failed', 'unknown', 'blocked', 'denied']).toContain(body['status']);
}

/** No stack, no path of this machine, no SQL, no key. */
export function expectNoLeak(text: string): void {
  expect(text).not.toMatch(/\n\s+at |node_modules|\.[tj]s:\d+|inv_attack_|sqlite|\b(?:select|insert|update) .+ (?:from|into|set) /i);
}

/** What has to hold after every row, whatever it was. */
export async function expectUnharmed({ request }: World): Promise<void> {
  await expectHealthy(request);
  const open = await Promise.all(
    ['accepted', 'running', 'retry_wait'].map((status) =>
      request({ method: 'GET', path: `/v1/executions?status=${status}` }),
    ),
  );
  expect(open.map(({ body }) => body['executions'])).toEqual([[], [], []]);
}

const HEALTHY_WITHIN_MS = 250;

/** The fastest of three counts: other tests run beside this one. */
async function expectHealthy(request: World['request']): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < 3 && !times.some((ms) => ms < HEALTHY_WITHIN_MS); i += 1) {
    const startedAt = performance.now();
    const { status } = await request({ method: 'GET', path: '/health', key: null });
    expect(status).toBe(200);
    times.push(performance.now() - startedAt);
  }
  expect(Math.min(...times)).toBeLessThan(HEALTHY_WITHIN_MS);
}

/** A request to act leaves exactly one trace, which names the key and why it was refused. */
export async function expectOneTrace({ request }: World, answer: Answer): Promise<void> {
  const requestId = answer.headers.get('x-request-id');
  const { body } = await request({ method: 'GET', path: '/v1/traces?limit=20' });
  const traces = (body['traces'] as readonly Record<string, unknown>[]).filter(
    (t) => t['request_id'] === requestId,
  );
  expect(traces).toHaveLength(1);
  expect(traces[0]?.['key_id']).toMatch(/^key_/);
  if (answer.status >= 400) expect(traces[0]?.['code']).toBe(answer.body['code']);
}
