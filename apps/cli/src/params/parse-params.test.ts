import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Io } from '../io.js';
import { parseParams } from './parse-params.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'invoke-params-'));
  await writeFile(join(folder, 'params.json'), '\ufeff{"from":"file"}');
  await writeFile(join(folder, 'latin1.json'), Buffer.from([0x7b, 0xe9, 0x7d]));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function* stdinOf(text: string) {
  yield Buffer.from(text);
}

function ioWith(stdin = ''): Io {
  const stream = { write: () => true };
  return {
    stdin: stdinOf(stdin),
    stdout: stream,
    stderr: stream,
    env: {},
    cwd: folder,
    signal: new AbortController().signal,
    assets: '',
    self: [],
  };
}

const good: { cell: string; words: string[]; stdin?: string; value: object }[] = [
  { cell: 'nothing', words: [], value: {} },
  { cell: 'inline JSON', words: ['{"a":{"b":[1]}}'], value: { a: { b: [1] } } },
  { cell: 'a file, with a byte order mark', words: ['@params.json'], value: { from: 'file' } },
  { cell: 'standard input', words: ['-'], stdin: '{"from":"stdin"}', value: { from: 'stdin' } },
  { cell: 'texts', words: ['a=x', 'b=', 'c=a=b', 'd= x '], value: { a: 'x', b: '', c: 'a=b', d: ' x ' } },
  { cell: 'numbers', words: ['a=5', 'b=-2.5', 'c=0'], value: { a: 5, b: -2.5, c: 0 } },
  {
    cell: 'what only looks like a number',
    words: ['a=007', 'b=1e3', 'c=+5', 'd=12345678901234567890', 'e=0x10', 'f=-0', 'g=Infinity', 'h=NaN'],
    value: {
      a: '007',
      b: '1e3',
      c: '+5',
      d: '12345678901234567890',
      e: '0x10',
      f: '-0',
      g: 'Infinity',
      h: 'NaN',
    },
  },
  {
    cell: 'true, false, null',
    words: ['a=true', 'b=false', 'c=null', 'd=True'],
    value: { a: true, b: false, c: null, d: 'True' },
  },
  { cell: 'any JSON', words: ['a:="123"', 'b:=[1,{"x":null}]'], value: { a: '123', b: [1, { x: null }] } },
  { cell: 'a name with dots', words: ['a.b-c_d=1'], value: { 'a.b-c_d': 1 } },
];

const bad: { cell: string; words: string[]; stdin?: string; says: string }[] = [
  { cell: 'a pair twice', words: ['a=1', 'a=2'], says: 'given twice' },
  { cell: '__proto__', words: ['__proto__=1', 'a=1'], says: '"__proto__=1" is no param' },
  { cell: 'JSON and pairs', words: ['{"a":1}', 'b=2'], says: 'is no param' },
  { cell: 'a bare word', words: ['hello'], says: 'is not valid JSON' },
  { cell: 'a file that is not UTF-8', words: ['@latin1.json'], says: 'is not UTF-8' },
  { cell: 'empty standard input', words: ['-'], says: 'is not valid JSON' },
  { cell: 'too much standard input', words: ['-'], stdin: ' '.repeat(1_048_577), says: 'larger than 1 MiB' },
  { cell: 'broken JSON in a pair', words: ['a:=[1'], says: 'a:= is not valid JSON' },
  { cell: 'a second value in a pair', words: ['a:=1,"b":2'], says: 'a:= takes one JSON value' },
];

describe('parseParams', () => {
  test.each(good)('takes $cell', async ({ words, stdin, value }) => {
    expect(await parseParams(words, ioWith(stdin))).toEqual(value);
  });

  test.each(bad)('refuses $cell with exit code 2', async ({ words, stdin, says }) => {
    const error = await parseParams(words, ioWith(stdin)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(says) });
  });
});
