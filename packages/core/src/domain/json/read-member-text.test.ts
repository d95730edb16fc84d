import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMemberText } from './read-member-text.js';

const CELLS = [
  { cell: '{"result":{"a":1}}', expected: '{"a":1}', why: 'an object' },
  { cell: '{"id":1,"result":9007199254740993,"x":2}', expected: '9007199254740993', why: 'digits survive' },
  {
    cell: ' {\n "result" :\t[ 1 , 2 ] \n} ',
    expected: '[ 1 , 2 ]',
    why: 'white space inside stays, around it goes',
  },
  { cell: '{"result":"a\\"}b"}', expected: '"a\\"}b"', why: 'a string with quotes and braces' },
  { cell: '{"result":"\\\\"}', expected: '"\\\\"', why: 'a string that ends in a backslash' },
  { cell: '{"a":{"result":1},"result":2}', expected: '2', why: 'inner members are others' },
  { cell: '{"a":"\\"result\\":1","result":2}', expected: '2', why: 'text that looks like a member' },
  { cell: '{"result":1,"result":2}', expected: '2', why: 'the last one counts, as for JSON.parse' },
  { cell: '{"result":null}', expected: 'null', why: 'null' },
  { cell: '{"a":1}', expected: null, why: 'absent' },
  { cell: '{}', expected: null, why: 'empty' },
  { cell: '{"\\u0072esult":1}', expected: null, why: 'an escaped name is not looked for' },
] as const;

describe('readMemberText', () => {
  test.each(CELLS)('$why', ({ cell, expected }) => {
    expect(readMemberText(cell, 'result')).toBe(expected);
  });

  test('is the value that JSON.parse finds', () => {
    const members = fc.dictionary(fc.constantFrom('id', 'result', 'jsonrpc', 'x"y', 'z\\'), fc.jsonValue());
    fc.assert(
      fc.property(members, fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const text = readMemberText(JSON.stringify(value, null, indent), 'result');
        const expected = (JSON.parse(JSON.stringify(value)) as Record<string, unknown>)['result'];
        expect(text === null ? undefined : JSON.parse(text)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });
});
