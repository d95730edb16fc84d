import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toMarkdown } from './report.mjs';
/** @import { Section } from './types.ts' */

/** The order in the report; what it does not name stands behind. */
const ORDER = ['benchmark', 'peers', 'growth', 'soak-sqlite', 'soak-postgres'];

/**
 * Keeps an experiment and writes the report of all that are kept: what took an hour is still there when something else is
 * measured again.
 * @param {string} bench The folder with results/ and RESULTS.md.
 * @param {Section} section
 */
export function keepSection(bench, section) {
  const dir = join(bench, 'results');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, `${section.id}.json`), `${JSON.stringify(section, null, 2)}\n`);
  writeFileSync(join(bench, 'RESULTS.md'), toMarkdown(readSections(bench)));
}

/** @param {string} bench @returns {readonly Section[]} */
export function readSections(bench) {
  const dir = join(bench, 'results');
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((file) => file.endsWith('.json'))
    .map((file) => /** @type {Section} */ (JSON.parse(readFileSync(join(dir, file), 'utf8'))))
    .sort((a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id));
}

/** @param {Section} section */
function rank({ id }) {
  const at = ORDER.indexOf(id);
  return at === -1 ? ORDER.length : at;
}
