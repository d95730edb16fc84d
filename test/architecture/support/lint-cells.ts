import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createTree, ROOT, runTool } from './tools.js';

/** One line of source, and the rule of .oxlintrc.json that it breaks; null where it only looks as if it broke one. */
export interface LintCell {
  readonly cell: string;
  readonly source: string;
  readonly expected: string | null;
}

export function row(cell: string, source: string, expected: string | null): LintCell {
  return { cell, source, expected };
}

/** The cells, with the rule that each really breaks: each in a file of its own, `<stem>-<n><suffix>`. */
export async function judgeCells(
  cells: readonly LintCell[],
  stem: string,
  suffix: '.ts' | '.test.ts' = '.ts',
): Promise<LintCell[]> {
  const fileOf = (n: number) => `${stem}-${n}${suffix}`;
  const found = await lint(Object.fromEntries(cells.map(({ source }, n) => [fileOf(n), `${source}\n`])));
  return cells.map((c, n) => ({ ...c, expected: found.get(fileOf(n)) ?? null }));
}

/** The rules that each file breaks under the configuration of this repository, joined by commas. */
export async function lint(files: Readonly<Record<string, string>>): Promise<Map<string, string>> {
  await using tree = await createTree(files);
  await mkdir(join(tree.path, 'scripts'));
  for (const file of ['.oxlintrc.json', 'scripts/oxlint-house.mjs']) {
    await copyFile(join(ROOT, file), join(tree.path, file));
  }
  const { stdout } = await runTool('oxlint', ['--format', 'json', 'packages'], tree.path);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] };
  const found = new Map<string, Set<string>>();
  for (const { filename, code } of diagnostics)
    found.set(filename, (found.get(filename) ?? new Set()).add(code));
  return new Map([...found].map(([file, codes]) => [file, [...codes].join(', ')]));
}
