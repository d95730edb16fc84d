import { mkdir, writeFile } from 'node:fs/promises';
import { library } from '../../tsup.base.js';

export default library(
  { index: 'src/index.ts' },
  {
    format: ['esm', 'cjs'],
    platform: 'neutral',
    splitting: false,
    // Names stay, so that stack traces can be read; the declarations have the comments.
    minifySyntax: true,
    minifyWhitespace: true,
    // Node prints the line that threw an error, so a line is no longer than can be looked at.
    esbuildOptions(options) {
      options.lineLimit = 160;
    },
    // `require` gets declarations of its own: TypeScript reads a .d.ts as CommonJS only below a package.json that says so.
    onSuccess: async () => {
      await mkdir('dist/types-cjs', { recursive: true });
      await writeFile('dist/types-cjs/package.json', '{ "type": "commonjs" }\n');
    },
  },
);
