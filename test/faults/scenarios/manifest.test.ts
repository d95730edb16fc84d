import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SCENARIOS } from './manifest.js';
import type { Scenario } from './manifest/scenario.js';

const ROOT = new URL('../../../', import.meta.url);
const HOW_MANY = 50;

/** What a scenario is about, as `S/B`; a dash where it is about all of them. */
function cellsOf({ stores, classes }: Pick<Scenario, 'stores' | 'classes'>): readonly string[] {
  const or = (names: readonly string[]) => (names.length === 0 ? ['-'] : names);
  return or(stores).flatMap((store) => or(classes).map((tool) => `${store}/${tool}`));
}

/** Names of tests, as they stand in a file: in quotes, in a template, or over several lines of a table. */
const texts = new Map<string, string | null>();
function textOf(file: string): string | null {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const url = new URL(file, ROOT);
  const text = existsSync(url) ? readFileSync(url, 'utf8') : null;
  texts.set(file, text);
  return text;
}

test('each of the numbers is there, once', () => {
  const numbers = SCENARIOS.map((s) => s.number).toSorted((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: HOW_MANY }, (_, i) => i + 1));
});

test('each test that is named exists', () => {
  const missing = SCENARIOS.flatMap(({ number, proven }) =>
    proven
      .filter(({ file, test: name }) => !hasTest(textOf(file), name))
      .map(({ file, test: name }) => `${number}: ${file} has no test "${name}"`),
  );
  expect(missing).toEqual([]);
});

test('each store and class of tools that a scenario is about is proven, or it is said why not', () => {
  const missing = SCENARIOS.filter((s) => s.cannotRun === undefined).flatMap((scenario) => {
    const proven = new Set(
      scenario.proven.flatMap(({ stores = scenario.stores, classes = scenario.classes }) =>
        cellsOf({ stores, classes }),
      ),
    );
    return cellsOf(scenario)
      .filter((cell) => !proven.has(cell))
      .map((cell) => `${scenario.number}: nothing proves ${cell}`);
  });
  expect(missing).toEqual([]);
});

test('a scenario that cannot run here says why, and claims no proof', () => {
  const wrong = SCENARIOS.filter((s) => s.cannotRun !== undefined).filter(
    (s) => (s.cannotRun ?? '').length < 20 || s.proven.length > 0,
  );
  expect(wrong).toEqual([]);
});

/** Not any words of the file, but the name that is given to a test, a group or a cell of a table. */
function hasTest(text: string | null, name: string): boolean {
  if (text === null) return false;
  const quoted = text.split('\n').filter((line) => /^\s*(test|it|describe|verifies)\b|^\s*[`'"]/.test(line));
  return (
    quoted.some((line) => line.includes(name)) ||
    text.split('\n').some((line) => CLOSING.test(line) && line.includes(name))
  );
}

/** The last line of a table of cells, where the name of the test stands. */
const CLOSING = /^\s*\]\)?( as const)?\)\(/;
