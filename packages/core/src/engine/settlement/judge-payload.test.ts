import { describe, expect, test } from 'vitest';
import { compileConditions } from '../../domain/policy/conditions.js';
import { judgePayload } from '../../domain/settlement/judge-payload.js';
import { createExpressionLanguage } from '../expression/cel-language.js';

const language = createExpressionLanguage();

function compiled(conditions: Record<string, string | number | boolean>) {
  const result = compileConditions(conditions, language);
  if (result.kind === 'error') throw new Error(result.message);
  return result;
}

const applied = compiled({ 'data.status': 'succeeded', 'data.amount': '> 0' });
const notApplied = compiled({ 'data.status': 'failed' });
const both = compiled({ 'data.amount': '> 0' });

const CELLS = [
  {
    cell: 'P1',
    payload: { data: { status: 'succeeded', amount: 5 } },
    no: notApplied,
    expected: { verdict: 'applied', detail: 'data.status is "succeeded", data.amount is 5' },
    why: 'all conditions hold',
  },
  {
    cell: 'P2',
    payload: { data: { status: 'failed', amount: 5 } },
    no: notApplied,
    expected: { verdict: 'not_applied', detail: 'data.status is "failed", data.amount is 5' },
    why: 'those of the opposite hold',
  },
  {
    cell: 'P3',
    payload: { data: { status: 'failed', amount: 5 } },
    no: null,
    expected: { verdict: 'unclear', detail: 'data.status is "failed", data.amount is 5' },
    why: 'the card does not say what "not applied" looks like',
  },
  {
    cell: 'P4',
    payload: { data: { status: 'succeeded' } },
    no: notApplied,
    expected: { verdict: 'unclear', detail: 'data.status is "succeeded", data.amount is missing' },
    why: 'a field is missing',
  },
  {
    cell: 'P5',
    payload: { data: { status: 'succeeded', amount: 5 } },
    no: both,
    expected: { verdict: 'unclear', detail: 'data.status is "succeeded", data.amount is 5' },
    why: 'it says both',
  },
  {
    cell: 'P6',
    payload: { data: { status: 'sk_live_abcdefgh1234\u202E', amount: 5 } },
    no: notApplied,
    expected: {
      verdict: 'unclear',
      detail: String.raw`data.status is "[redacted]\u{202E}", data.amount is 5`,
    },
    why: 'what is kept of it holds no secrets and hides nothing',
  },
] as const;

describe('what an event says of a call', () => {
  test.each(CELLS)('$cell $why', ({ payload, no, expected }) => {
    expect(judgePayload(payload, { applied, notApplied: no })).toEqual(expected);
  });
});
