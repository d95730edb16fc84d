import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';

// Sets up and builds where that has not been done.
vi.setConfig({ testTimeout: 240_000 });

const exec = promisify(execFile);
const bin = join(import.meta.dirname, '../../../bin');

test('with the bin folder of a checkout on the PATH, `invoke` works where it is called', async () => {
  const place = await mkdtemp(join(tmpdir(), 'invoke-checkout-'));
  try {
    const env = { ...process.env, HOME: place, PATH: `${bin}:${process.env['PATH']}` };
    const script =
      'invoke init my-agent && printf %s "secret" | invoke login --base-url http://127.0.0.1:9 --api-key -';
    const ran = await exec('sh', ['-c', script], { cwd: place, env }).catch((error: unknown) => error);
    // The key came in through standard input, and only the gateway was missing.
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('http://127.0.0.1:9') });
    expect(await readdir(join(place, 'my-agent'))).toContain('invoke.json');
  } finally {
    await rm(place, { recursive: true, force: true });
  }
});
