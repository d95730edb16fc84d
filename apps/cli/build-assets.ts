import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'tsup';

const run = promisify(execFile);
const here = import.meta.dirname;
const sdk = join(here, '../../packages/sdk');

/**
 * Fills the folder that `invoke init` copies from: the templates as they are, and the SDK as one file of JavaScript with
 * its declarations, built from its sources.
 */
export async function buildAssets(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await cp(join(here, 'templates'), join(folder, 'templates'), { recursive: true });
  const out = join(folder, 'sdk');
  await build({
    entry: { index: join(sdk, 'src/index.ts') },
    outDir: out,
    format: ['esm'],
    target: 'node22',
    platform: 'neutral',
    splitting: false,
    config: false,
    silent: true,
    clean: true,
  });
  const tsc = join(here, '../../node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, '-p', join(sdk, 'tsconfig.build.json'), '--outDir', out]);
  // Beside a package.json of its own, the files mean the same in every project they are copied into.
  await writeFile(join(out, 'package.json'), '{ "type": "module" }\n');
}
