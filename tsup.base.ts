import { defineConfig, type Options } from 'tsup';

/**
 * A program in one piece, so that it starts fast. Drivers stay outside; some of what is bundled was written for CommonJS.
 */
export const IN_ONE_PIECE = {
  noExternal: [/^(?!better-sqlite3$|pg$|node:)/],
  banner: {
    js: [
      "import { createRequire as requireOf } from 'node:module';",
      'const require = requireOf(import.meta.url);',
      'const __filename = import.meta.filename;',
      'const __dirname = import.meta.dirname;',
    ].join(' '),
  },
} satisfies Options;

/** What every package builds alike; each tsup.config.ts names only its entries. */
export function library(entry: Record<string, string>, more: Options = {}) {
  return defineConfig({
    entry,
    format: ['esm'],
    target: 'node22',
    platform: 'node',
    sourcemap: true,
    clean: true,
    splitting: true,
    treeshake: true,
    ...more,
  });
}
