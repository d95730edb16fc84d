import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAnswer, parseAnswerText } from './parse-answer.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

const CELLS = [
  { cell: bytes('{"a":1}'), expected: 'json', why: 'an object' },
  { cell: bytes('null'), expected: 'json', why: 'a bare value' },
  { cell: bytes('\ufeff{"a":1}'), expected: 'json', why: 'a byte order mark is tolerated' },
  { cell: bytes(nested(64)), expected: 'json', why: '64 levels' },
  { cell: bytes(nested(65)), expected: 'invalid', why: '65 levels' },
  { cell: bytes('['.repeat(200_000)), expected: 'invalid', why: 'a bomb of brackets' },
  { cell: bytes(`"${'['.repeat(100)}"`), expected: 'json', why: 'brackets in a string do not nest' },
  { cell: bytes(`"\\"${'['.repeat(100)}"`), expected: 'json', why: 'an escaped quote does not end a string' },
  { cell: bytes('{"a":1'), expected: 'invalid', why: 'cut off' },
  { cell: bytes('{"a":1}{"b":2}'), expected: 'invalid', why: 'two values' },
  { cell: bytes('NaN'), expected: 'invalid', why: 'not JSON' },
  { cell: bytes(''), expected: 'invalid', why: 'nothing' },
  { cell: bytes('{"ok":true,"ok":false}'), expected: 'invalid', why: 'a key twice: which one counts?' },
  { cell: bytes('{"a":1,"\\u0061":2}'), expected: 'invalid', why: 'a key twice, one of them escaped' },
  { cell: bytes('[{"a":1},{"a":2}]'), expected: 'json', why: 'once in each object' },
  { cell: bytes('"cut \\ud83d"'), expected: 'json', why: 'half of a character: tools cut texts, and worked' },
  { cell: bytes('"a\\u0000b"'), expected: 'json', why: 'NUL that is escaped: the text is passed on' },
  { cell: bytes('"a\u0000b"'), expected: 'invalid', why: 'NUL as it is: not JSON' },
  { cell: bytes('{"\\ud83d":1,"\\ud83e":2}'), expected: 'invalid', why: 'names that some read as the same' },
  { cell: bytes('{"__proto__":{"a":1}}'), expected: 'invalid', why: 'no field, to JavaScript' },
  { cell: bytes('{"a":1e999}'), expected: 'json', why: 'infinite to us; the text is passed on' },
  { cell: bytes(`[${'0,'.repeat(20_000)}0]`), expected: 'json', why: 'long lists: bytes are limited' },
  { cell: new Uint8Array([0x22, 0xff, 0x22]), expected: 'invalid', why: 'not UTF-8' },
  { cell: new Uint8Array([0x22, 0xc0, 0xaf, 0x22]), expected: 'invalid', why: 'overlong UTF-8' },
] as const;

describe('parseAnswer', () => {
  test.each(CELLS)('$why: $expected', ({ cell, expected }) => {
    expect(parseAnswer(cell).kind).toBe(expected);
  });

  test('keeps the text, so that large numbers survive', () => {
    const text = '{"id":9007199254740993, "rate":1.10}';
    expect(parseAnswer(bytes(text))).toMatchObject({ kind: 'json', text });
  });

  test('says what is wrong, and shows no more than the key', () => {
    expect(parseAnswer(bytes('{"a":"hidden","a":"too"}'))).toEqual({
      kind: 'invalid',
      message: 'the answer cannot be read for certain: the key "a" appears twice in one object',
    });
  });

  test('accepts nothing but what JSON.parse accepts, and all of it where no key comes twice', () => {
    const jsonish = fc.oneof(
      fc.json(),
      fc.string(),
      fc.json().map((json) => json.slice(1)),
    );
    fc.assert(
      fc.property(jsonish, (text) => {
        const parsed = parseAnswerText(text);
        let expected: unknown;
        try {
          expected = { kind: 'json', text, value: JSON.parse(text) };
        } catch {
          expected = { kind: 'invalid', message: 'the answer is not JSON' };
        }
        if (parsed.kind === 'json' || parsed.message === 'the answer is not JSON')
          expect(parsed).toEqual(expected);
      }),
    );
  });
});
