import type { ToolReply } from '@invoke/core/domain';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hideSecrets } from './hide-secrets.js';
import { formsOf } from './secret-forms.js';

const SECRET = 'sk/live+42"x\\y';
const SENT = [`Bearer ${SECRET}`, '12345678', 'short'];

const answer = (value: unknown): ToolReply => ({
  kind: 'answer',
  status: 200,
  isError: true,
  text: JSON.stringify(value),
  value,
});
const base64 = (text: string) => Buffer.from(text).toString('base64');

const CELLS = [
  { cell: 'the value', said: { got: `Bearer ${SECRET}` }, expected: { got: '[redacted]' } },
  { cell: 'its token', said: [`t=${SECRET};`], expected: ['t=[redacted];'] },
  { cell: 'twice', said: `${SECRET} ${SECRET}`, expected: '[redacted] [redacted]' },
  { cell: 'as a name', said: { [SECRET]: 1 }, expected: { '[redacted]': 1 } },
  { cell: 'as JSON in a text', said: JSON.stringify({ a: SECRET }), expected: '{"a":"[redacted]"}' },
  { cell: 'percent-encoded', said: `?k=${encodeURIComponent(SECRET)}`, expected: '?k=[redacted]' },
  { cell: 'percent-encoded in small letters', said: 'sk%2flive%2b42%22x%5cy', expected: '[redacted]' },
  { cell: 'a number', said: { pin: 12345678 }, expected: { pin: '[redacted]' } },
  { cell: 'too short to tell', said: 'a short word', expected: 'a short word' },
  { cell: 'nothing', said: { a: [1, null, 'x\\y'] }, expected: { a: [1, null, 'x\\y'] } },
] as const;

describe('hideSecrets', () => {
  test.each(CELLS)('$cell', ({ said, expected }) => {
    const hidden = hideSecrets(answer(said), formsOf(SENT));
    expect(hidden).toEqual(answer(expected));
  });

  test.each([0, 1, 2, 3, 4])('in base64, %i bytes in', (before) => {
    const said = base64(`${'b'.repeat(before)}${SECRET}behind`);
    const hidden = hideSecrets(answer(said), formsOf(SENT)) as { value: string };
    expect(hidden.value).toContain('[redacted]');
    // What is left around it does not tell more than a character at either end.
    expect(Buffer.from(hidden.value.replace('[redacted]', '')).toString()).not.toContain(
      base64(SECRET).slice(4, 12),
    );
  });

  test('written with escapes that JSON does not ask for', () => {
    const text = `{"a":"\\u0031234567\\u0038"}`;
    const said: ToolReply = { kind: 'answer', status: 200, isError: false, text, value: { a: '12345678' } };
    expect(hideSecrets(said, formsOf(SENT))).toMatchObject({ text: '{"a":"[redacted]"}', status: 200 });
  });

  test('the digits of large numbers beside it stay', () => {
    const text = '{"id":9007199254740993,"k":"12345678"}';
    const said: ToolReply = { kind: 'answer', status: 200, isError: false, text, value: JSON.parse(text) };
    expect(hideSecrets(said, formsOf(SENT))).toMatchObject({
      text: '{"id":9007199254740993,"k":"[redacted]"}',
    });
  });

  test('errors and failures, and nothing else about them', () => {
    const forms = formsOf(SENT);
    const failure: ToolReply = { kind: 'failure', sent: true, reason: 'timeout', message: `no ${SECRET}` };
    expect(hideSecrets(failure, forms)).toEqual({ ...failure, message: 'no [redacted]' });
    const error: ToolReply = { kind: 'rpc_error', code: -32601, message: `no ${SECRET}` };
    expect(hideSecrets(error, forms)).toEqual({ ...error, message: 'no [redacted]' });
  });

  test.each([
    { cell: 'a letter that is escaped', text: String.raw`{"a":"\u0073k_live/4242"}` },
    { cell: 'a slash that is escaped', text: String.raw`{"a":"sk_live\/4242"}` },
    { cell: 'beside quotes and line ends', text: String.raw`{"a":"\"sk_live/4242\"\n"}` },
    { cell: 'in JSON within JSON', text: JSON.stringify({ a: JSON.stringify({ b: '"sk_live/4242"\n' }) }) },
  ])('a plain secret, $cell', ({ text }) => {
    const said: ToolReply = { kind: 'answer', status: 200, isError: false, text, value: JSON.parse(text) };
    const hidden = hideSecrets(said, formsOf(['sk_live/4242'])) as { text: string; value: unknown };
    expect(JSON.parse(hidden.text)).toEqual(hidden.value);
    expect(readDeep(hidden.text)).not.toContain('sk_live/4242');
    expect(hidden.text).toContain('[redacted]');
  });

  test('what holds none is the very same, to the letter', () => {
    const text = '{"id":9007199254740993, "rate":1.10, "t":"a\\nb"}';
    const said: ToolReply = { kind: 'answer', status: 200, isError: false, text, value: JSON.parse(text) };
    expect(hideSecrets(said, formsOf(SENT))).toBe(said);
    expect(hideSecrets(said, formsOf([]))).toBe(said);
  });

  test('wherever it stands in whatever is said, it is gone', () => {
    const value = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.string().map((s) => `${s}${SECRET}${s}`),
        fc.string(),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('any'), { maxKeys: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(value, (said) => {
        const hidden = hideSecrets(answer(said), formsOf(SENT)) as { text: string; value: unknown };
        expect(hidden.text).not.toContain(JSON.stringify(SECRET).slice(1, -1));
        expect(JSON.parse(hidden.text)).toEqual(hidden.value);
      }),
    );
  });
});

/** The texts of an answer, with JSON in a text read once more. */
function readDeep(text: string): string {
  const { a } = JSON.parse(text) as { readonly a: string };
  return a.startsWith('{') ? String((JSON.parse(a) as { readonly b: string }).b) : a;
}
