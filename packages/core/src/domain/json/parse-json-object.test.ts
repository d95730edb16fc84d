import { expect, test } from 'vitest';
import { parseJsonObject } from './parse-json-object.js';

test('gives the object', () => {
  expect(parseJsonObject('{"tool":"fetch.url","params":{"n":2400.0}}')).toEqual({
    kind: 'ok',
    value: { tool: 'fetch.url', params: { n: 2400 } },
  });
});

test('gives the problem, and does not parse', () => {
  expect(parseJsonObject('{"a":1,"a":2}')).toEqual({
    kind: 'problem',
    problem: { code: 'duplicate_json_key', at: 7, message: 'the key "a" appears twice in one object' },
  });
});
