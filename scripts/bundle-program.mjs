// Bundles one program of this repository from its sources, so that it starts as fast as one that is shipped:
//   node scripts/bundle-program.mjs <entry.ts> <folder>
// Drivers stay outside and are found from the folder, which has to be within the package whose program it is.
import { build } from 'tsup';
import { IN_ONE_PIECE } from '../tsup.base.ts';

const [entry, outDir] = process.argv.slice(2);
if (entry === undefined || outDir === undefined) {
  process.stderr.write('usage: bundle-program.mjs <entry> <folder>\n');
  process.exit(2);
}

await build({
  ...IN_ONE_PIECE,
  entry: { program: entry },
  outDir,
  config: false,
  silent: true,
  format: ['esm'],
  target: 'node22',
  platform: 'node',
  clean: true,
  external: ['better-sqlite3', 'pg'],
  esbuildOptions(options) {
    options.conditions = ['@invoke/source', 'node', 'import'];
  },
});
