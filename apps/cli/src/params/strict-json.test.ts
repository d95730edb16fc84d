import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson } from './strict-json.js';

const good: { cell: string; text: string; value: object }[] = [
  { cell: 'empty', text: '{}', value: {} },
  {
    cell: 'the same key in two objects',
    text: '{"a":{"x":1},"b":{"x":2}}',
    value: { a: { x: 1 }, b: { x: 2 } },
  },
  {
    cell: 'the same text as key and as value',
    text: '{"a":"a","b":["a","a"]}',
    value: { a: 'a', b: ['a', 'a'] },
  },
  {
    cell: 'objects in a list',
    text: '[{"a":1},{"a":2}]'.replace(/^/, '{"l":') + '}',
    value: { l: [{ a: 1 }, { a: 2 }] },
  },
  {
    cell: 'braces and numbers inside of strings',
    text: '{"a":"{\\"b\\":1e999}","b":"12345678901234567890"}',
    value: { a: '{"b":1e999}', b: '12345678901234567890' },
  },
  { cell: 'the largest whole number', text: '{"a":9007199254740991}', value: { a: 9007199254740991 } },
  { cell: 'a fraction', text: '{"a":-0.25e-2}', value: { a: -0.0025 } },
];

const bad: { cell: string; text: string; says: string }[] = [
  { cell: 'not JSON', text: '{a:1}', says: 'is not valid JSON' },
  { cell: 'nothing', text: '', says: 'is not valid JSON' },
  { cell: 'a list', text: '[]', says: 'must be a JSON object' },
  { cell: 'null', text: 'null', says: 'must be a JSON object' },
  { cell: 'a key twice', text: '{"a":1,"b":2,"a":3}', says: 'has the key "a" twice' },
  { cell: 'a key twice, written differently', text: '{"a":1,"\\u0061":2}', says: 'has the key "a" twice' },
  { cell: 'a key twice, deep inside', text: '{"l":[1,{"m":{"k":1,"k":1}}]}', says: 'has the key "k" twice' },
  { cell: 'a key twice, around an object', text: '{"a":{"b":1},"a":2}', says: 'has the key "a" twice' },
  { cell: 'one too large', text: '{"a":9007199254740993}', says: 'does not survive' },
  { cell: 'infinite', text: '{"a":[1e400]}', says: 'does not survive' },
  { cell: '__proto__', text: '{"a":{"__proto__":1}}', says: '__proto__' },
];

describe('parseStrictJson', () => {
  test.each(good)('takes $cell', ({ text, value }) => {
    expect(parseStrictJson(text)).toEqual({ kind: 'ok', value });
  });

  test.each(bad)('refuses $cell', ({ text, says }) => {
    expect(parseStrictJson(text)).toMatchObject({ kind: 'bad', message: expect.stringContaining(says) });
  });

  const json = fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    fc.jsonValue({ noUnicodeString: false }),
  );

  test('takes whatever JSON.stringify writes, and reads it as it is', () => {
    fc.assert(
      fc.property(json, fc.nat(4), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const hasLoss = /\d{16}|e\+/.test(text) || text.includes('__proto__');
        fc.pre(!hasLoss);
        expect(parseStrictJson(text)).toEqual({ kind: 'ok', value: JSON.parse(text) as object });
      }),
    );
  });

  test('refuses the same object with any of its keys once more', () => {
    fc.assert(
      fc.property(json, fc.nat(), (object, at) => {
        const keys = Object.keys(object);
        fc.pre(keys.length > 0);
        const text = JSON.stringify(object);
        const again = `${text.slice(0, -1)},${JSON.stringify(keys[at % keys.length])}:1}`;
        expect(parseStrictJson(again).kind).toBe('bad');
      }),
    );
  });
});
