import { defineConfig, type Options } from 'tsup';

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
