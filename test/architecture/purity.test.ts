import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeCells, row, type LintCell } from './support/lint-cells.js';
import { createTree, ROOT, runTool } from './support/tools.js';

/** The domain is synchronous and pure. Two locks are proven here: the bans of .oxlintrc.json and the domain's own tsconfig. */
const IN_THE_DOMAIN: readonly LintCell[] = [
  row('Date.now', 'export const a: unknown = Date.now();', 'eslint(no-restricted-properties)'),
  row(
    'Date.now, taken apart',
    'const { now } = Date; export const a: unknown = now();',
    'eslint(no-restricted-properties)',
  ),
  row(
    'Date.now, by its string',
    "export const a: unknown = Date['now']();",
    'eslint(no-restricted-properties)',
  ),
  row('new Date without argument', 'export const a: unknown = new Date();', 'house(no-implicit-now)'),
  row('new Date without parentheses', 'export const a: unknown = new Date;', 'house(no-implicit-now)'),
  row('Date as a function', 'export const a: unknown = Date();', 'house(no-implicit-now)'),
  row(
    'Date as a function ignores its argument',
    'export const a: unknown = String(Date(0 as never));',
    'house(no-implicit-now)',
  ),
  row(
    'new Date of an instant',
    'export const a: unknown = (at: number) => new Date(at).toISOString();',
    null,
  ),
  row('parsing a date', 'export const a: unknown = (text: string) => Date.parse(text);', null),
  row('Math.random', 'export const a: unknown = Math.random();', 'eslint(no-restricted-properties)'),
  row('other arithmetic', 'export const a: unknown = Math.max(1, 2);', null),
  row('async function', 'export async function a() { return 1; }', 'oxc(no-async-await)'),
  row('async arrow', 'export const a: unknown = async () => 1;', 'oxc(no-async-await)'),
  row('async method', 'export const a: unknown = { async b() { return 1; } };', 'oxc(no-async-await)'),
  row('async generator', 'export async function* a() { yield 1; }', 'oxc(no-async-await)'),
  row(
    'Promise as a value',
    'export const a: unknown = () => Promise.resolve(1);',
    'eslint(no-restricted-globals)',
  ),
  row(
    'new Promise',
    'export const a: unknown = new Promise<void>((done) => done());',
    'eslint(no-restricted-globals)',
  ),
  row('Promise as a type', 'export type A = Promise<string>;', 'typescript(no-restricted-types)'),
  row('PromiseLike as a type', 'export type A = PromiseLike<string>;', 'typescript(no-restricted-types)'),
  row(
    'a word in a comment or a string',
    "// Promise, Date.now()\nexport const a: unknown = 'await Math.random()';",
    null,
  ),
  row('setTimeout', 'setTimeout(() => 1, 10);', 'eslint(no-restricted-globals)'),
  row('process', 'export const a: unknown = process.env;', 'eslint(no-restricted-globals)'),
  row('globalThis', 'export const a: unknown = globalThis;', 'eslint(no-restricted-globals)'),
  row('fetch', "export const a: unknown = fetch('x');", 'eslint(no-restricted-globals)'),
  row('Intl', 'export const a: unknown = new Intl.DateTimeFormat();', 'eslint(no-restricted-globals)'),
  row('node:', "import { x } from 'node:fs'; export const a: unknown = x;", 'eslint(no-restricted-imports)'),
  row(
    'node:, as a type',
    "import type { X } from 'node:fs'; export type A = X;",
    'eslint(no-restricted-imports)',
  ),
  row('import()', "export const a: unknown = import('./other.js');", 'house(no-dynamic-import)'),
];

test('what the domain may not do is found', async () => {
  expect(await judgeCells(IN_THE_DOMAIN, 'packages/core/src/domain/thing')).toEqual(IN_THE_DOMAIN);
});

test('tests of the domain may', async () => {
  const cells = [row('tests may', 'export const a: unknown = async () => Date.now() + Math.random();', null)];
  expect(await judgeCells(cells, 'packages/core/src/domain/thing', '.test.ts')).toEqual(cells);
});

test('what the domain does not know does not compile', async () => {
  const domain = 'packages/core/src/domain';
  const unknown = ['process', 'fetch', 'console', 'setTimeout', 'URL', 'Buffer', 'crypto', 'document'];
  await using tree = await createTree({
    'package.json': '{ "type": "module" }',
    ...Object.fromEntries(
      unknown.map((name) => [`${domain}/uses-${name}.ts`, `export const a: unknown = ${name};\n`]),
    ),
    [`${domain}/uses-language.ts`]:
      'export const a: unknown = [Math.max(1, 2), new Map(), Symbol.iterator];\n',
  });
  for (const file of ['tsconfig.base.json', `${domain}/tsconfig.json`]) {
    await copyFile(join(ROOT, file), join(tree.path, file));
  }
  const { stdout } = await runTool('tsc', ['-p', `${domain}/tsconfig.json`], tree.path);
  const refused = [...stdout.matchAll(/uses-(\w+)\.ts.*: error TS\d+: Cannot find name '\1'/g)].map(
    (match) => match[1],
  );
  expect(refused.toSorted()).toEqual(unknown.toSorted());
  expect(stdout).not.toContain('uses-language');
});
