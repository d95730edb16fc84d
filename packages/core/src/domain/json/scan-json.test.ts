import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fastestOf } from '../../../test/fastest-of.js';
import type { JsonProblemCode } from './json-problem.js';
import { JSON_LIMITS, scanJson } from './scan-json.js';

const anyTopLevel = { ...JSON_LIMITS, topLevel: 'any' } as const;

const keys = (n: number, key: (i: number) => string | number) =>
  `{${Array.from({ length: n }, (_, i) => `"${key(i)}":1`).join(',')}}`;
const nested = (n: number) => `${'{"a":'.repeat(n)}1${'}'.repeat(n)}`;

const ACCEPTED: readonly { cell: string; text: string; why: string }[] = [
  { cell: 'empty object', text: '{}', why: 'the smallest one' },
  { cell: 'white space', text: ' \t\r\n{ "a" : [ 1 , 2 ] }\n', why: 'all four kinds, everywhere' },
  { cell: 'all kinds', text: '{"a":[null,true,false,"s",-0.5e+1,{}],"b":{"c":[]}}', why: 'RFC 8259' },
  { cell: 'escapes', text: String.raw`{"\u0061\"\\\/\b\f\n\r\t":"\ud83d\ude00"}`, why: 'all of them' },
  { cell: 'raw astral', text: '{"a":"\u{1f600}"}', why: 'a pair, unescaped' },
  { cell: 'mixed pair', text: '{"a":"\ud83d\\ude00"}', why: 'half raw, half escaped, is a pair once read' },
  { cell: 'same key, two objects', text: '{"a":{"a":1},"b":{"a":2}}', why: 'not duplicates' },
  { cell: 'similar keys', text: '{"a":1,"A":2,"a ":3,"":4,"aa":5}', why: 'compared exactly' },
  { cell: 'composed and decomposed', text: '{"\u00e9":1,"e\u0301":2}', why: 'NFC and NFD are two keys' },
  { cell: 'many keys', text: keys(40, (i) => `k${i}`), why: 'more than are compared one by one' },
  { cell: 'names of the prototype', text: '{"constructor":1,"toString":2,"prototype":3}', why: 'just keys' },
  { cell: '64 levels', text: nested(64), why: 'the limit is included' },
  { cell: '10,000 keys', text: keys(10_000, (i) => i), why: 'the limit is included' },
];

test.each(ACCEPTED)('takes $cell: $why', ({ text }) => {
  expect(scanJson(text)).toBeNull();
  expect(() => JSON.parse(text) as unknown).not.toThrow();
});

const call = (params: string) => `{"tool":"payments.charge","params":${params}}`;

const REFUSED: readonly { cell: string; text: string; code: JsonProblemCode; at: number; why: string }[] = [
  { cell: 'not JSON', text: '{bad', code: 'malformed_json', at: 1, why: 'no key' },
  { cell: 'nothing', text: '', code: 'malformed_json', at: 0, why: 'an empty body' },
  { cell: 'only space', text: ' \n', code: 'malformed_json', at: 2, why: 'an empty body' },
  { cell: 'trailing data', text: '{} {}', code: 'malformed_json', at: 3, why: 'two values' },
  { cell: 'array', text: '[{}]', code: 'malformed_json', at: 0, why: 'bodies are objects' },
  { cell: 'string', text: '"a"', code: 'malformed_json', at: 0, why: 'bodies are objects' },
  { cell: 'trailing comma', text: '{"a":1,}', code: 'malformed_json', at: 7, why: 'not JSON' },
  { cell: 'array with a hole', text: '{"a":[1,,2]}', code: 'malformed_json', at: 8, why: 'not JSON' },
  { cell: 'single quotes', text: "{'a':1}", code: 'malformed_json', at: 1, why: 'not JSON' },
  { cell: 'comment', text: '{/**/}', code: 'malformed_json', at: 1, why: 'not JSON' },
  { cell: 'NaN', text: '{"a":NaN}', code: 'malformed_json', at: 5, why: 'not JSON' },
  { cell: 'truth', text: '{"a":truth}', code: 'malformed_json', at: 5, why: 'not JSON' },
  { cell: 'leading zero', text: '{"a":01}', code: 'malformed_json', at: 6, why: 'not JSON' },
  { cell: 'leading plus', text: '{"a":+1}', code: 'malformed_json', at: 5, why: 'not JSON' },
  { cell: 'bare fraction', text: '{"a":1.}', code: 'malformed_json', at: 7, why: 'not JSON' },
  { cell: 'bare exponent', text: '{"a":1e}', code: 'malformed_json', at: 7, why: 'not JSON' },
  { cell: 'bare minus', text: '{"a":-}', code: 'malformed_json', at: 6, why: 'not JSON' },
  { cell: 'open string', text: '{"a":"b', code: 'malformed_json', at: 7, why: 'the text ends' },
  { cell: 'open object', text: '{"a":1', code: 'malformed_json', at: 6, why: 'the text ends' },
  { cell: 'open array', text: '{"a":[1', code: 'malformed_json', at: 7, why: 'the text ends' },
  { cell: 'raw newline', text: '{"a":"b\nc"}', code: 'malformed_json', at: 7, why: 'control character' },
  { cell: 'unknown escape', text: String.raw`{"a":"\x41"}`, code: 'malformed_json', at: 6, why: 'not JSON' },
  { cell: 'short escape', text: String.raw`{"a":"\u12"}`, code: 'malformed_json', at: 6, why: 'not JSON' },
  {
    cell: 'no-break space',
    text: '{"a":\u00a01}',
    code: 'malformed_json',
    at: 5,
    why: 'not white space in JSON',
  },
  { cell: 'byte order mark', text: '\ufeff{}', code: 'invalid_encoding', at: 0, why: 'RFC 8259 8.1' },
  {
    cell: 'UTF-16',
    text: '{\0"\0a\0',
    code: 'invalid_encoding',
    at: 1,
    why: 'UTF-16 read as UTF-8 is full of NUL',
  },
  { cell: 'UTF-16BE', text: '\0{\0"', code: 'invalid_encoding', at: 0, why: 'likewise' },
  { cell: 'raw NUL', text: '{"a":"b\0c"}', code: 'invalid_encoding', at: 7, why: 'Postgres cannot store it' },
  {
    cell: 'escaped NUL',
    text: String.raw`{"a":"b\u0000c"}`,
    code: 'invalid_encoding',
    at: 7,
    why: 'the same',
  },
  {
    cell: 'escaped NUL in a key',
    text: String.raw`{"\u0000":1}`,
    code: 'invalid_encoding',
    at: 2,
    why: 'the same',
  },
  {
    cell: 'lone high',
    text: String.raw`{"a":"\ud800"}`,
    code: 'invalid_encoding',
    at: 6,
    why: 'RFC 7493 2.1',
  },
  {
    cell: 'lone low',
    text: String.raw`{"a":"\udc00"}`,
    code: 'invalid_encoding',
    at: 6,
    why: 'RFC 7493 2.1',
  },
  {
    cell: 'two highs',
    text: String.raw`{"a":"\ud800\ud800"}`,
    code: 'invalid_encoding',
    at: 6,
    why: 'no pair',
  },
  {
    cell: 'high, letter',
    text: String.raw`{"a":"\ud800x"}`,
    code: 'invalid_encoding',
    at: 6,
    why: 'no pair',
  },
  { cell: 'raw lone', text: '{"a":"\udfff"}', code: 'invalid_encoding', at: 6, why: 'RFC 7493 2.1' },
  {
    cell: 'duplicate',
    text: call('{"amount":1,"amount":2400}'),
    code: 'duplicate_json_key',
    at: 47,
    why: 'last wins',
  },
  {
    cell: 'duplicate, hidden',
    text: String.raw`{"tool":"fetch.url","\u0074ool":"payments.charge"}`,
    code: 'duplicate_json_key',
    at: 20,
    why: 'compared after unescaping',
  },
  { cell: 'duplicate empty key', text: '{"":1,"":2}', code: 'duplicate_json_key', at: 6, why: 'also a key' },
  {
    cell: 'duplicate after many',
    text: `{${Array.from({ length: 40 }, (_, i) => `"k${i}":0,`).join('')}"k3":0}`,
    code: 'duplicate_json_key',
    at: 311,
    why: 'found in the set as well',
  },
  {
    cell: 'duplicate among many, hidden',
    text: String.raw`{${Array.from({ length: 40 }, (_, i) => `"k${i}":0,`).join('')}"\u006b39":0}`,
    code: 'duplicate_json_key',
    at: 311,
    why: 'unescaped there as well',
  },
  {
    cell: 'beyond 2^53',
    text: call('{"a":9007199254740993}'),
    code: 'number_out_of_range',
    at: 40,
    why: 'rounded',
  },
  { cell: '1e400', text: call('{"a":1e400}'), code: 'number_out_of_range', at: 40, why: 'infinite' },
  {
    cell: 'key __proto__',
    text: call('{"__proto__":{}}'),
    code: 'bad_request',
    at: 36,
    why: 'pollutes merges',
  },
  {
    cell: 'key __proto__, hidden',
    text: String.raw`{"\u005f_proto__":1}`,
    code: 'bad_request',
    at: 1,
    why: 'compared after unescaping',
  },
  { cell: '65 levels', text: nested(65), code: 'json_too_deep', at: 320, why: 'limit 64' },
  {
    cell: '100,000 arrays',
    text: call('['.repeat(100_000)),
    code: 'json_too_deep',
    at: 98,
    why: 'refused early',
  },
  {
    cell: '10,001 keys',
    text: keys(10_001, (i) => i),
    code: 'json_too_complex',
    at: 88_891,
    why: 'limit 10,000',
  },
  {
    cell: '10,001 elements',
    text: call(`[${'1,'.repeat(10_001)}1]`),
    code: 'json_too_complex',
    at: 20_032,
    why: 'they count',
  },
];

test.each(REFUSED)('refuses $cell: $why', ({ text, code, at }) => {
  expect(scanJson(text)).toMatchObject({ code, at });
});

test('any value may stand at the top where that is asked for', () => {
  for (const text of ['1', '"a"', '[]', 'null', '{}']) expect(scanJson(text, anyTopLevel)).toBeNull();
});

test('messages name the key or the number, and never quote a value', () => {
  expect(scanJson('{"amount":1,"amount":2}')?.message).toBe('the key "amount" appears twice in one object');
  expect(scanJson('{"amount":1e400}')?.message).toContain('1e400');
  expect(scanJson('{"password":"hunter2\u0001"}')?.message).not.toContain('hunter2');
  expect(scanJson(`{"${'k'.repeat(5_000)}":1,"${'k'.repeat(5_000)}":1}`)?.message.length).toBeLessThan(150);
});

test.each([
  { cell: 'keys with chosen hashes', text: keys(50_000, (i) => i * 4_294_967_296) },
  { cell: 'one object of 10,000 long keys', text: keys(10_000, (i) => `${'k'.repeat(80)}${i}`) },
  { cell: 'a million brackets', text: `{"a":${'['.repeat(1_000_000)}` },
  { cell: 'a megabyte of digits', text: `{"a":${'1'.repeat(1_000_000)}}` },
  { cell: 'a megabyte of fraction', text: `{"a":0.${'1'.repeat(1_000_000)}}` },
  { cell: 'a megabyte of escapes', text: `{"a":"${String.raw`\u0041`.repeat(170_000)}"}` },
  { cell: 'ten thousand numbers to check', text: `{"a":[${'0.12345678901234567,'.repeat(9_998)}1]}` },
])('costs little: $cell', ({ text }) => {
  expect(fastestOf(5, () => scanJson(text))).toBeLessThan(50);
});

/** JSON texts, and the same after a few random edits with characters that matter. */
const jsonText = fc.json({ maxDepth: 4 });
const noise = fc.constantFrom(
  ...'{}[]:,"\\/u0123456789abdef-+.eE \n\t\0\ufeff\ud800\udc00tfn'.split(''),
  '\\u',
  '\\ud83d',
  '__proto__',
);
const edited = fc
  .tuple(jsonText, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), noise), { minLength: 1, maxLength: 4 }))
  .map(([text, edits]) =>
    edits.reduce((t, [at, drop, insert]) => {
      const i = at % (t.length + 1);
      return t.slice(0, i) + insert + t.slice(i + drop);
    }, text),
  );

test.each([
  { name: 'JSON', texts: jsonText },
  { name: 'JSON with edits', texts: edited },
  { name: 'any text', texts: fc.string({ unit: 'binary' }) },
])('against JSON.parse: $name', ({ texts }) => {
  fc.assert(
    fc.property(texts, (text) => {
      const problem = scanJson(text, anyTopLevel);
      if (problem === null) {
        expect(JSON.stringify(JSON.parse(text))).not.toMatch(/(?<!\\)(?:\\\\)*\\ud[89a-f]/);
      } else if (problem.code === 'malformed_json') {
        expect(() => JSON.parse(text) as unknown).toThrow(SyntaxError);
      }
    }),
    { numRuns: 5_000 },
  );
});

test('finds the duplicate, wherever it stands and however it is written', () => {
  const escape = (key: string) =>
    [...key].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('');
  const keySets = fc.uniqueArray(fc.stringMatching(/^[a-z0-9_]{1,8}$/), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(keySets, fc.nat(), fc.nat(), fc.boolean(), (names, from, to, hidden) => {
      const twice = names[from % names.length] as string;
      const all = names.map((name) => `"${name}":{"x":1}`);
      expect(scanJson(`{${all.join(',')}}`)).toBeNull();
      all.splice(
        (from % names.length) + 1 + (to % (names.length - (from % names.length))),
        0,
        `"${hidden ? escape(twice) : twice}":[]`,
      );
      expect(scanJson(`{${all.join(',')}}`)?.code).toBe('duplicate_json_key');
    }),
  );
});
