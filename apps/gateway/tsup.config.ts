import { defineConfig } from 'tsup';
import { IN_ONE_PIECE } from '../../tsup.base.js';

const shared = {
  format: ['esm' as const],
  target: 'node22',
  platform: 'node' as const,
  sourcemap: true,
  splitting: true,
  treeshake: true,
};

/**
 * The library is built like any other. The program is one bundle besides its lazy parts: a gateway that is restarted has to
 * be ready within a second, and a thousand small files take longer than that to find. Drivers stay outside.
 */
export default defineConfig([
  { ...shared, entry: { index: 'src/index.ts' }, clean: true },
  {
    ...shared,
    ...IN_ONE_PIECE,
    entry: { main: 'src/main.ts', 'sqlite-writer-thread': 'src/sqlite-writer-thread.ts' },
    outDir: 'dist/bin',
    clean: true,
  },
  { ...shared, entry: { main: 'src/bin.ts' }, splitting: false },
]);
