import type { ExecutionView } from '@invoke/contract';
import { expect, it } from 'vitest';
import { createTeller, inWords, tellAnswer, tellDecision, tellEvent, tellVerified } from './tell.mjs';
import type { InvokeAnswer, InvokeBody } from './types.ts';

function answer(http: number, body: InvokeBody): InvokeAnswer {
  return { http, headers: new Headers(), text: JSON.stringify(body), body };
}

const EXECUTION = {
  execution_id: 'exec_1',
  attempts: [{ n: 1, tool: 'charge', state: 'unknown', certainty: 'unknown', reason: 'timeout' }],
  lookups: [{ n: 1, at: 0, verdict: 'applied', evidence: 'charged is true' }],
} as unknown as ExecutionView;

it('tells attempts and lookups once, and every answer', () => {
  const { tell, lines } = createTeller();
  const told = new Set<string>();
  const first = answer(200, {
    status: 'outcome_reconciled',
    decision: 'do_not_retry',
    execution_id: 'exec_1',
  });
  tellAnswer(tell, { tool: 'charge', answer: first, execution: EXECUTION, told });
  const again = answer(200, { ...first.body, replayed: true });
  tellAnswer(tell, { tool: 'charge', answer: again, execution: EXECUTION, told });
  expect(lines.map((l) => l.text)).toEqual([
    'charge, attempt 1: timeout',
    'looked up: charged is true (applied)',
    'answer: 200 outcome_reconciled, do_not_retry',
    'answer: 200 outcome_reconciled, do_not_retry, replayed',
  ]);
});

it('tells a refusal with its code and its reason', () => {
  const { tell, lines } = createTeller();
  const refused = answer(409, { status: 409, code: 'entity_mismatch', detail: 'It is another one.' });
  tellAnswer(tell, { tool: 'crm', answer: refused, execution: null, told: new Set() });
  expect(lines.map((l) => l.text)).toEqual(['crm: refused, 409 entity_mismatch', 'It is another one.']);
});

it('tells what a decision came to, and what has changed where it is asked again', () => {
  const { tell, lines } = createTeller();
  const drift = [
    { field: 'status', frozen: 'overdue', live: 'paid', condition: 'overdue', verdict: 'fails' },
    { field: 'owner', frozen: 'a', live: 'a', condition: 'a', verdict: 'unchanged' },
  ] as const;
  const own = answer(403, { status: 403, code: 'self_approval_denied', detail: 'Another key has to.' });
  tellDecision(tell, { holder: 'agent', verb: 'approve', answer: own });
  tellDecision(tell, {
    holder: 'human',
    verb: 'approve',
    answer: answer(200, { status: 'requeued', drift }),
  });
  tellDecision(tell, { holder: 'human', verb: 'reject', answer: answer(200, { status: 'rejected', drift }) });
  expect(lines.map((l) => l.text)).toEqual([
    'the agent approves: refused, 403 self_approval_denied',
    'the human approves: 200 requeued',
    'status: "overdue" -> "paid"',
    'the human rejects: 200 rejected',
  ]);
});

it('tells which of the verified fields are not as assumed', () => {
  const { tell, lines } = createTeller();
  const ok = { field: 'id', assumed: 1, current: 1, drifted: false, holds: null, verdict: 'ok' } as const;
  const changed = { ...ok, field: 'status', assumed: 'paid', current: 'gone', verdict: 'changed' } as const;
  tellVerified(tell, answer(200, { status: 'replan_required', fields: [ok, changed] }));
  expect(lines.map((l) => l.text)).toEqual(['verify state: 200 replan_required', 'status: "paid" -> "gone"']);
});

it('tells what an event led to, and why one was refused', () => {
  const { tell, lines } = createTeller();
  const taken = answer(200, { status: 'replan_required', execution_id: 'exec_1' });
  tellEvent(tell, { type: 'payment.failed', answer: taken });
  tellEvent(tell, {
    type: 'payment.failed',
    answer: answer(401, { status: 401, code: 'signature_invalid' }),
  });
  expect(lines.map((l) => l.text)).toEqual([
    'webhook to Invoke: payment.failed',
    'answer: 200 replan_required',
    'webhook to Invoke: payment.failed',
    'answer: 401 signature_invalid',
  ]);
});

it('puts machine words into words, and leaves sentences alone', () => {
  expect([inWords('http_503'), inWords('connection_lost'), inWords('attempt 1 of my_tool')]).toEqual([
    'HTTP 503',
    'connection lost',
    'attempt 1 of my_tool',
  ]);
});
