import { CapabilityCard } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { toHttpReply } from './to-http-reply.js';

const card = (no_effect_statuses?: number[]) =>
  CapabilityCard.parse({
    name: 't',
    input_schema: {},
    answers: no_effect_statuses ? { no_effect_statuses } : {},
  });

const reply = (status: number, type: string, body: string | Uint8Array, of = card()) =>
  toHttpReply(
    {
      kind: 'response',
      head: { status, headers: { 'content-type': type } },
      bytes: typeof body === 'string' ? new TextEncoder().encode(body) : body,
    },
    of,
  );

const answer = (status: number, text: string, value: unknown) => ({
  kind: 'answer',
  status,
  isError: false,
  text,
  value,
});
const failure = (reason: string) => ({ kind: 'failure', sent: true, reason });

const CELLS = [
  {
    cell: 'JSON is the value, its text untouched',
    got: reply(200, 'application/json', '{"id": 12345678901234567890}'),
    expected: answer(200, '{"id": 12345678901234567890}', { id: 12345678901234567000 }),
  },
  {
    cell: 'problem+json is JSON',
    got: reply(422, 'application/problem+json; charset=utf-8', '{"a":1}'),
    expected: answer(422, '{"a":1}', { a: 1 }),
  },
  {
    cell: 'text',
    got: reply(200, 'text/plain', 'hi "x"'),
    expected: answer(200, '{"content_type":"text/plain","text":"hi \\"x\\""}', {
      content_type: 'text/plain',
      text: 'hi "x"',
    }),
  },
  {
    cell: 'HTML from a 200 is an answer of a plain HTTP tool',
    got: reply(200, 'text/html', '<p>'),
    expected: answer(200, '{"content_type":"text/html","text":"<p>"}', {
      content_type: 'text/html',
      text: '<p>',
    }),
  },
  {
    cell: 'bytes',
    got: reply(200, 'image/png', new Uint8Array([0x89, 0xff])),
    expected: answer(200, '{"content_type":"image/png","base64":"if8="}', {
      content_type: 'image/png',
      base64: 'if8=',
    }),
  },
  { cell: 'no body', got: reply(204, '', ''), expected: answer(204, 'null', null) },
  {
    cell: 'an error status keeps its status whatever the body',
    got: reply(500, 'application/json', '<html>'),
    expected: answer(500, '{"content_type":"text/plain","text":"<html>"}', {
      content_type: 'text/plain',
      text: '<html>',
    }),
  },
  {
    cell: 'JSON that is none',
    got: reply(200, 'application/json', '{"a":'),
    expected: failure('invalid_response'),
  },
  {
    cell: 'JSON that is too deep',
    got: reply(200, 'application/json', '['.repeat(65) + ']'.repeat(65)),
    expected: failure('invalid_response'),
  },
  { cell: 'a redirect', got: reply(307, '', ''), expected: failure('redirect') },
  {
    cell: 'a redirect that the card declares',
    got: reply(303, '', '', card([303])),
    expected: answer(303, 'null', null),
  },
  {
    cell: 'text that grows beyond the limit when it is quoted',
    got: reply(200, 'text/plain', '"'.repeat(3 * 1024 * 1024)),
    expected: failure('too_large'),
  },
] as const;

describe('toHttpReply', () => {
  test.each(CELLS)('$cell', ({ got, expected }) => {
    expect(got).toMatchObject(expected);
  });

  test('a failure stays what it is', () => {
    const failed = { kind: 'failure', sent: false, reason: 'dns', message: 'm' } as const;
    expect(toHttpReply(failed, card())).toBe(failed);
  });
});
