import { defineConfig } from 'tsup';

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
    entry: { main: 'src/main.ts', 'sqlite-writer-thread': 'src/sqlite-writer-thread.ts' },
    noExternal: [/^(?!better-sqlite3$|pg$|node:)/],
    outDir: 'dist/bin',
    clean: true,
    // Some of what is bundled was written for CommonJS.
    banner: {
      js: [
        "import { createRequire as requireOf } from 'node:module';",
        'const require = requireOf(import.meta.url);',
        'const __filename = import.meta.filename;',
        'const __dirname = import.meta.dirname;',
      ].join(' '),
    },
  },
  { ...shared, entry: { main: 'src/bin.ts' }, splitting: false },
]);
