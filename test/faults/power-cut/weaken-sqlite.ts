import { createRequire } from 'node:module';

/**
 * Takes a setting from the store behind its back, for tests of the tests: with `SYNCHRONOUS=NORMAL` its connections do not
 * flush, and are told that they do. To be used with `--import`, so that it holds in the store's writer thread, too.
 */
const weaker = process.env['SYNCHRONOUS'];
if (weaker !== undefined) weaken(weaker);

function weaken(setting: string): void {
  type Pragma = (this: unknown, source: string, options?: { readonly simple?: boolean }) => unknown;
  const requireThere = createRequire(import.meta.resolve('@invoke/storage/sqlite'));
  const { prototype } = requireThere('better-sqlite3') as { prototype: { pragma: Pragma } };
  const { pragma } = prototype;
  prototype.pragma = function (source, options) {
    if (source === 'synchronous = FULL') return pragma.call(this, `synchronous = ${setting}`);
    return source === 'synchronous' ? 2 : pragma.call(this, source, options);
  };
}
