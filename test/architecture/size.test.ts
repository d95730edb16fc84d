import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import allowed from './size-allowed.json' with { type: 'json' };
import { createTree, ROOT, runTool } from './support/tools.js';

/**
 * The largest file is the one that people remember. Limits (size.oxlintrc.json): 400 lines a file (800 a test file), 60 lines
 * a function, 3 positional parameters. Exceptions stand in size-allowed.json, each with its reason; the list may only shrink.
 */
const CONFIG = join(ROOT, 'test/architecture/size.oxlintrc.json');
const FOLDERS = ['packages', 'apps', 'scripts', 'test', 'demo', 'bench'];
const MOST_EXCEPTIONS = 1;

test('files, functions and parameter lists keep to the limits, but for the exceptions that are still needed', async () => {
  const excepted = allowed.map(({ file, what }) => `${file}: ${what}`);
  expect(await tooLarge(ROOT, FOLDERS, CONFIG)).toEqual(excepted.toSorted());
});

test('there are no more exceptions than before', () => {
  expect(allowed.length).toBeLessThanOrEqual(MOST_EXCEPTIONS);
});

test('the limits hold where they are said to', async () => {
  await using tree = await createTree({
    'src/file-400.ts': lines(400),
    'src/file-401.ts': lines(401),
    'src/file-800.test.ts': lines(800),
    'src/file-801.test.ts': lines(801),
    'test/support/file-801.ts': lines(801),
    'src/function-60.ts': functionOf(60),
    'src/function-61.ts': functionOf(61),
    'src/function-61.test.ts': functionOf(61),
    'src/params-3.ts': 'export function f(a: 1, b: 2, c: 3) {\n  return [a, b, c];\n}\n',
    'src/params-4.ts': 'export const f = (a: 1, b: 2, c: 3, d: 4) => [a, b, c, d];\n',
    'testkit/src/conformance/function-61.ts': functionOf(61),
    'dist/file-401.js': lines(401),
  });
  const config = join(tree.path, 'size.oxlintrc.json');
  await copyFile(CONFIG, config);
  expect(await tooLarge(tree.path, ['src', 'test', 'testkit', 'dist'], config)).toEqual([
    'src/file-401.ts: File has too many lines (401).',
    'src/file-801.test.ts: File has too many lines (801).',
    'src/function-61.ts: The function `f` has too many lines (61). Maximum allowed is 60.',
    'src/params-4.ts: Arrow function has too many parameters (4). Maximum allowed is 3.',
    'test/support/file-801.ts: File has too many lines (801).',
  ]);
});

function lines(count: number): string {
  return 'export {};\n'.repeat(count);
}

function functionOf(count: number): string {
  return `export function f() {\n${'  void 0;\n'.repeat(count - 2)}}\n`;
}

async function tooLarge(cwd: string, folders: readonly string[], config: string): Promise<string[]> {
  const { stdout } = await runTool('oxlint', ['--config', config, '--format', 'json', ...folders], cwd);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; message: string }[] };
  return diagnostics.map(({ filename, message }) => `${filename}: ${message}`).toSorted();
}
