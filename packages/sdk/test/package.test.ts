import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const out = join(root, 'node_modules', '.test-build');
const tsup = join(root, '../../node_modules/tsup/dist/cli-default.js');

beforeAll(() => run(process.execPath, [tsup, '--out-dir', out, '--silent'], { cwd: root }));
afterAll(() => rm(out, { recursive: true, force: true }));

describe('the package', () => {
  test('has no dependencies and no side effects', () => {
    expect(manifest).not.toHaveProperty('dependencies');
    expect(manifest).not.toHaveProperty('peerDependencies');
    expect(manifest.sideEffects).toBe(false);
  });

  test('is one file of at most 10 KB gzipped that imports nothing', async () => {
    const code = await readFile(join(out, 'index.js'), 'utf8');
    expect(gzipSync(code, { level: 9 }).byteLength).toBeLessThanOrEqual(10_240);
    // Node prints the line that threw.
    expect(Math.max(...code.split('\n').map((line) => line.length))).toBeLessThan(1_000);
    expect(code).not.toMatch(/^\s*import[\s{"']|\bimport\(|\brequire\(/m);
  });

  test('works by import and by require', async () => {
    const program = (load: string) => `${load}
      const invoke = new Invoke({ apiKey: 'k', baseUrl: 'http://127.0.0.1:1', maxRetries: 0 });
      invoke.call({ tool: 't' }).catch((e) => console.log(e.code, InvokeError.isInstance(e)));`;
    const esm = program(`import { Invoke, InvokeError } from ${JSON.stringify(join(out, 'index.js'))};`);
    const cjs = program(
      `const { Invoke, InvokeError } = require(${JSON.stringify(join(out, 'index.cjs'))});`,
    );
    const [a, b] = await Promise.all([
      run(process.execPath, ['--input-type=module', '-e', esm]),
      run(process.execPath, ['--input-type=commonjs', '-e', cjs]),
    ]);
    expect([a.stdout, b.stdout]).toEqual(['connection_failed true\n', 'connection_failed true\n']);
  });
});
