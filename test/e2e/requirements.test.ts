import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REQUIREMENTS } from './requirements.js';

/** The ids that each `verifies(...)` of the e2e tests names; a citation that cannot be read is an error. */
async function citedIds(): Promise<ReadonlySet<string>> {
  const folder = import.meta.dirname;
  const names = await readdir(folder, { recursive: true });
  const cited = new Set<string>();
  for (const name of names.filter((n) => /\.(suite|test)\.ts$/.test(n) && n !== 'requirements.test.ts')) {
    const source = await readFile(join(folder, name), 'utf8');
    for (const id of idsIn(source, name)) cited.add(id);
  }
  return cited;
}

function idsIn(source: string, name: string): readonly string[] {
  const citations = [...source.matchAll(/\bverifies\(\s*(?:('[A-Z]+-\d\d')|\[([^\]]*)\])\s*,/g)];
  const calls = source.match(/\bverifies\(/g) ?? [];
  if (citations.length !== calls.length)
    throw new Error(`${name}: ids are literals: verifies('MAIN-01', ...)`);
  return citations.flatMap(([, one, several]) => (one ?? several ?? '').match(/[A-Z]+-\d\d/g) ?? []);
}

test('every requirement is proven by an e2e test, and every test names ones that exist', async () => {
  const ids = Object.keys(REQUIREMENTS);
  const cited = await citedIds();
  expect({
    provenByNone: ids.filter((id) => !cited.has(id)),
    doNotExist: [...cited].filter((id) => !ids.includes(id)),
  }).toEqual({ provenByNone: [], doNotExist: [] });
});

test('citations are read from the source', () => {
  expect(
    idsIn(`verifies('MAIN-01', 'x', f);\nverifies([\n  'GATE-02',\n  'GATE-03',\n], 'x', f);`, 'a'),
  ).toEqual(['MAIN-01', 'GATE-02', 'GATE-03']);
  expect(() => idsIn('verifies(IDS, name, f)', 'a.test.ts')).toThrow('a.test.ts: ids are literals');
});
