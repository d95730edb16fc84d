import { expect, test } from 'vitest';
import { judgeCells, lint, row, type LintCell } from './support/lint-cells.js';

/** The rules of .oxlintrc.json that hold everywhere, each against a line that breaks it. */
const EVERYWHERE: readonly LintCell[] = [
  row(
    'what the domain may not, others may',
    'export const a = async () => Date.now() + Math.random();',
    null,
  ),
  row('default export', 'export default 1;', 'import(no-default-export)'),
  row('export *', "export * from './other.js';", 'house(no-export-all)'),
  row('export * as', "export * as other from './other.js';", 'house(no-export-all)'),
  row('export by name', "export { a, type B } from './other.js';", null),
  row('any', 'export const a = (x: any) => x;', 'typescript(no-explicit-any)'),
  row('ts-ignore', '// @ts-ignore because\nexport const a = 1;', 'typescript(ban-ts-comment)'),
  row(
    'ts-expect-error without reason',
    '// @ts-expect-error\nexport const a = 1;',
    'typescript(ban-ts-comment)',
  ),
  row('eval', "eval('1');", 'eslint(no-eval)'),
  row('new Function', "export const a = new Function('return 1');", 'eslint(no-new-func)'),
  row('unfinished work', '// TODO later\nexport const a = 1;', 'eslint(no-warning-comments)'),
  row('unfinished work', '/* FIXME */\nexport const a = 1;', 'eslint(no-warning-comments)'),
  row('console', "console.log('x');", 'eslint(no-console)'),
  row('loose comparison', 'export const a = (x: unknown) => x == 1;', 'eslint(eqeqeq)'),
  row('comparison with null', 'export const a = (x: unknown) => x == null;', null),
  row(
    'deep import',
    "import { x } from '@invoke/core/src/x.js'; export const a = x;",
    'eslint(no-restricted-imports)',
  ),
  row('import of an entry', "import { x } from '@invoke/core/domain'; export const a = x;", null),
];

test('lint, everywhere', async () => {
  expect(await judgeCells(EVERYWHERE, 'packages/storage/src/thing')).toEqual(EVERYWHERE);
});

test('file names are kebab-case', async () => {
  const found = await lint({ 'packages/storage/src/camelCase.ts': 'export const a = 1;\n' });
  expect(found).toEqual(new Map([['packages/storage/src/camelCase.ts', 'unicorn(filename-case)']]));
});

test.each([
  ['only', "test.only('x', () => expect(1).toBe(1));", 'vitest(no-focused-tests)'],
  ['skip', "test.skip('x', () => expect(1).toBe(1));", 'vitest(no-disabled-tests)'],
  ['nothing expected', "test('x', () => {});", 'vitest(expect-expect)'],
])('no test is left out: %s', async (_how, source, expected) => {
  const file = 'packages/storage/src/a.test.ts';
  expect(
    await lint({ [file]: `import { expect, test } from 'vitest';\n${source}\nexport { expect };\n` }),
  ).toEqual(new Map([[file, expected]]));
});
