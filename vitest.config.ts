import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Workspace packages are tested from their sources, so that no test ever runs against a stale build. */
const conditions = ['@invoke/source', 'node'];

const folders = [
  ...readdirSync('packages').map((name) => `packages/${name}`),
  ...readdirSync('apps').map((name) => `apps/${name}`),
  'demo',
  'bench',
  'test',
];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    server: { deps: { inline: [/@invoke\//] } },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // The default leaves one core idle, and much of what is tested waits for processes and databases.
    maxWorkers: 2,
    projects: folders.map((folder) => ({
      extends: true as const,
      test: {
        name: folder.split('/').at(-1) as string,
        include: [`${folder}/**/*.test.ts`],
        exclude: ['**/dist/**', '**/node_modules/**'],
      },
    })),
  },
});
