import type { ExecutionView } from '@invoke/contract';
import { expect, it } from 'vitest';
import { createTeller, inWords, tellAnswer } from './tell.mjs';
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

it('puts machine words into words, and leaves sentences alone', () => {
  expect([inWords('http_503'), inWords('connection_lost'), inWords('attempt 1 of my_tool')]).toEqual([
    'HTTP 503',
    'connection lost',
    'attempt 1 of my_tool',
  ]);
});
