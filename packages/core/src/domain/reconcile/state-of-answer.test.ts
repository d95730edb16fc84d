import { expect, test } from 'vitest';
import { stateOfAnswer } from './state-of-answer.js';

test.each([
  [
    'structured content',
    { structuredContent: { charged: true }, content: [{ type: 'text', text: 'x' }] },
    { charged: true },
  ],
  [
    'JSON in the only text part',
    { content: [{ type: 'text', text: '{"charged":true}' }] },
    { charged: true },
  ],
  ['a bare result', { charged: true, id: 'p' }, { charged: true, id: 'p' }],
  ["a wrapper's data", { status_code: 200, data: { charged: true } }, { charged: true }],
  ["a wrapper's body", { status_code: 200, body: { charged: true } }, { charged: true }],
  [
    'a JSON page of fetch.url',
    { url: 'https://billing.example.com/', status_code: 200, text: '{"a":1}', json: { a: 1 } },
    { a: 1 },
  ],
  ['data that is no wrapper', { data: { charged: true } }, { data: { charged: true } }],
  ['text that is not JSON', { content: [{ type: 'text', text: 'yes' }] }, null],
  [
    'two text parts',
    {
      content: [
        { type: 'text', text: '{}' },
        { type: 'text', text: '{}' },
      ],
    },
    null,
  ],
  ['the same key twice in a text part', { content: [{ type: 'text', text: '{"a":1,"a":2}' }] }, null],
  ['a list', [1], null],
  ['nothing', null, null],
])('%s', (_, value, expected) => {
  expect(stateOfAnswer(value)).toEqual(
    expected === null
      ? { kind: 'none', why: 'the answer has no fields' }
      : { kind: 'state', state: expected },
  );
});

test('a number that is read as another one is no state', () => {
  const value: unknown = JSON.parse('{"order":{"id":9007199254740993}}');
  expect(stateOfAnswer(value)).toEqual({
    kind: 'none',
    why: 'the answer has a number beyond 2^53, which cannot be compared',
  });
});

test('a text with half of a character, or NUL, is no state', () => {
  for (const title of ['cut \ud83d', 'a\0b']) {
    expect(stateOfAnswer({ order: { title } })).toEqual({
      kind: 'none',
      why: 'the answer has NUL or half of a character, which cannot be compared',
    });
  }
});
