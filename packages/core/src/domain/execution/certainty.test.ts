import { CapabilityCard } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { classifyCertainty, classifyTimeout } from './certainty.js';
import type { ToolReply } from './tool-reply.js';

const write = CapabilityCard.parse({ name: 'pay', input_schema: {} });
const read = CapabilityCard.parse({ name: 'look', input_schema: {}, effect: 'read' });
const answer = (status: number | null, isError = false): ToolReply => ({
  kind: 'answer',
  status,
  isError,
  text: '{}',
  value: {},
});
const failure = (reason: Extract<ToolReply, { kind: 'failure' }>['reason'], sent: boolean): ToolReply => ({
  kind: 'failure',
  sent,
  reason,
  message: 'm',
});
const rpc = (code: number, more: { retryable?: boolean } = {}): ToolReply => ({
  kind: 'rpc_error',
  code,
  message: 'm',
  ...more,
});

interface Cell {
  readonly cell: string;
  readonly reply: ToolReply;
  readonly expected: readonly [certainty: string, reason: string, retryable: boolean, code: string | null];
  readonly why: string;
}

const WRITE_CELLS: readonly Cell[] = [
  {
    cell: 'W1',
    reply: answer(null),
    expected: ['effect', 'answered', false, null],
    why: 'an MCP result is a declared success',
  },
  { cell: 'W2', reply: answer(200), expected: ['effect', 'answered', false, null], why: 'so is a 2xx' },
  { cell: 'W3', reply: answer(204), expected: ['effect', 'answered', false, null], why: 'any 2xx' },
  {
    cell: 'W4',
    reply: answer(400),
    expected: ['no_effect', 'http_400', false, 'upstream_rejected'],
    why: 'refused before work',
  },
  {
    cell: 'W5',
    reply: answer(401),
    expected: ['no_effect', 'http_401', false, 'upstream_rejected'],
    why: 'refused before work',
  },
  {
    cell: 'W6',
    reply: answer(429),
    expected: ['no_effect', 'http_429', true, 'upstream_rejected'],
    why: 'come back later',
  },
  {
    cell: 'W7',
    reply: answer(409),
    expected: ['unknown', 'http_409', false, 'upstream_unavailable'],
    why: 'may mean: your first one is at work',
  },
  {
    cell: 'W8',
    reply: answer(408),
    expected: ['unknown', 'http_408', false, 'upstream_unavailable'],
    why: 'a timeout inside the tool',
  },
  {
    cell: 'W9',
    reply: answer(500),
    expected: ['unknown', 'http_500', false, 'upstream_unavailable'],
    why: 'a 5xx may follow the effect',
  },
  {
    cell: 'W10',
    reply: answer(503),
    expected: ['unknown', 'http_503', false, 'upstream_unavailable'],
    why: 'undeclared, so unknown',
  },
  {
    cell: 'W11',
    reply: answer(302),
    expected: ['unknown', 'http_302', false, 'upstream_unavailable'],
    why: 'undeclared, so unknown',
  },
  {
    cell: 'W12',
    reply: answer(null, true),
    expected: ['no_effect', 'tool_error', false, 'upstream_rejected'],
    why: 'the tool says that it failed',
  },
  {
    cell: 'W13',
    reply: rpc(-32601),
    expected: ['no_effect', 'rpc_-32601', false, 'upstream_rejected'],
    why: 'no such method: found before work',
  },
  {
    cell: 'W13, and the tool says that it may be retried',
    reply: rpc(-32601, { retryable: true }),
    expected: ['no_effect', 'rpc_-32601', true, 'upstream_rejected'],
    why: 'it knows when it will be ready; whether it is retried is for the card to say',
  },
  {
    cell: 'W15, and the tool says that it may be retried',
    reply: rpc(-32000, { retryable: true }),
    expected: ['unknown', 'rpc_-32000', false, 'upstream_unavailable'],
    why: 'that it may be retried does not say that nothing happened',
  },
  {
    cell: 'W14',
    reply: rpc(-32602),
    expected: ['unknown', 'rpc_-32602', false, 'upstream_unavailable'],
    why: 'servers say so of params before the work, and of results after it',
  },
  {
    cell: 'W15',
    reply: rpc(-32603),
    expected: ['unknown', 'rpc_-32603', false, 'upstream_unavailable'],
    why: 'internal error may follow the effect',
  },
  {
    cell: 'W16',
    reply: rpc(-32000),
    expected: ['unknown', 'rpc_-32000', false, 'upstream_unavailable'],
    why: 'a server error of its own',
  },
  {
    cell: 'W17',
    reply: failure('connection_refused', false),
    expected: ['not_sent', 'connection_refused', true, 'upstream_unavailable'],
    why: 'no byte left',
  },
  {
    cell: 'W18',
    reply: failure('dns', false),
    expected: ['not_sent', 'dns', true, 'upstream_unavailable'],
    why: 'no byte left',
  },
  {
    cell: 'W19',
    reply: failure('fenced', false),
    expected: ['not_sent', 'fenced', true, 'upstream_unavailable'],
    why: 'stopped by our own fence',
  },
  {
    cell: 'W20',
    reply: failure('address_denied', false),
    expected: ['not_sent', 'address_denied', false, 'egress_denied'],
    why: 'trying again changes nothing',
  },
  {
    cell: 'W21',
    reply: failure('connection_lost', true),
    expected: ['unknown', 'connection_lost', true, 'upstream_unavailable'],
    why: 'bytes had left',
  },
  {
    cell: 'W22',
    reply: failure('invalid_response', true),
    expected: ['unknown', 'invalid_response', true, 'upstream_invalid_response'],
    why: 'a broken body may follow the effect',
  },
  {
    cell: 'W23',
    reply: failure('too_large', true),
    expected: ['unknown', 'too_large', true, 'upstream_too_large'],
    why: 'it answered something',
  },
  {
    cell: 'W24',
    reply: failure('redirect', true),
    expected: ['unknown', 'redirect', true, 'upstream_unavailable'],
    why: 'whoever redirects may have acted',
  },
  {
    cell: 'W25',
    reply: failure('invalid_params', false),
    expected: ['not_sent', 'invalid_params', false, 'validation_failed'],
    why: 'refused here, and refused again as long as they are the same',
  },
];

describe('a write tool that declares nothing', () => {
  test.each(WRITE_CELLS)('$cell $why', ({ reply, expected }) => {
    const j = classifyCertainty(reply, { card: write, canLookUp: false });
    expect([j.certainty, j.reason, j.retryable, j.code]).toEqual(expected);
  });
});

test('a timeout is unknown for a write and without effect for a read', () => {
  const judged = (card: CapabilityCard) => {
    const j = classifyTimeout(300, { card, canLookUp: false });
    return [j.certainty, j.retryable, j.code, j.message];
  };
  expect(judged(write)).toEqual(['unknown', true, 'upstream_timeout', 'no answer within 300 ms']);
  expect(judged(read)).toEqual(['no_effect', true, 'upstream_timeout', 'no answer within 300 ms']);
});

test('a read that answers 503 or breaks off may be tried again; one that is refused may not', () => {
  const judged = (reply: ToolReply) => {
    const j = classifyCertainty(reply, { card: read, canLookUp: false });
    return [j.certainty, j.retryable];
  };
  expect(judged(answer(503))).toEqual(['no_effect', true]);
  expect(judged(failure('connection_lost', true))).toEqual(['no_effect', true]);
  expect(judged(answer(404))).toEqual(['no_effect', false]);
});

test('the card says which statuses are harmless and which of them are worth another attempt', () => {
  const card = CapabilityCard.parse({
    name: 'pay',
    input_schema: {},
    answers: { no_effect_statuses: [503], retryable_statuses: [503] },
  });
  const judged = (status: number) => {
    const j = classifyCertainty(answer(status), { card, canLookUp: false });
    return [j.certainty, j.retryable];
  };
  expect(judged(503)).toEqual(['no_effect', true]);
  expect(judged(400)).toEqual(['unknown', false]);
});

test('a tool error of a write is looked up where it can be, unless the card says what it means', () => {
  const certainty = (tool_error: 'failed' | 'unknown' | undefined, canLookUp: boolean) => {
    const card = CapabilityCard.parse({ name: 'pay', input_schema: {}, answers: { tool_error } });
    return classifyCertainty(answer(null, true), { card, canLookUp }).certainty;
  };
  expect(certainty(undefined, true)).toBe('unknown');
  expect(certainty(undefined, false)).toBe('no_effect');
  expect(certainty('failed', true)).toBe('no_effect');
  expect(certainty('unknown', false)).toBe('unknown');
});
