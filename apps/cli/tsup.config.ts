import { join } from 'node:path';
import type { Options } from 'tsup';
import { library } from '../../tsup.base.js';
import { buildAssets } from './build-assets.js';

type Plugin = NonNullable<Options['esbuildPlugins']>[number];

/**
 * yargs lays out its help with string-width, which takes 50 ms to load (it segments graphemes of every script), at every
 * start and also where no help is shown. Our help is plain ASCII.
 */
const plainStringWidth: Plugin = {
  name: 'plain-string-width',
  setup(build) {
    build.onResolve({ filter: /^string-width$/ }, ({ path }) => ({ path, namespace: 'plain' }));
    build.onLoad({ filter: /^string-width$/, namespace: 'plain' }, () => ({
      contents: 'export default (text) => [...text].length;',
    }));
  },
};

/** One program in chunks: what a command needs is loaded with it. Only the gateway and its driver stay outside. */
export default (flags: Options) => {
  const outDir = flags.outDir ?? 'dist';
  return library(
    { bin: 'src/bin.ts', program: 'src/program.ts' },
    {
      outDir,
      // bin.js has to be readable by any Node, so it must not be merged with the program it starts.
      external: [/^\.\/program\.js$/],
      treeshake: false,
      sourcemap: false,
      esbuildPlugins: [plainStringWidth],
      esbuildOptions: (options) => {
        options.conditions = ['@invoke/source', 'module'];
      },
      onSuccess: () => buildAssets(join(outDir, 'assets')),
    },
  );
};
