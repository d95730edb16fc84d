import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createLineWriter } from '../src/line-writer.js';

const PROGRAM = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const KEY = 'inv_test_full_0123456789';

async function openFolder() {
  const path = await mkdtemp(join(tmpdir(), 'invoke-log-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** The program as operators start it, and what it is like to ask it for a key, which is logged. */
async function openProgram(dataDir: string, log: { readonly file?: string; readonly stderr?: string }) {
  const child = spawn(process.execPath, [PROGRAM], {
    env: {
      HOST: '127.0.0.1',
      PORT: '0',
      INVOKE_DATA_DIR: dataDir,
      INVOKE_API_KEYS: KEY,
      ...(log.file === undefined ? {} : { INVOKE_LOG_FILE: log.file }),
    },
    stdio: ['ignore', 'pipe', log.stderr === undefined ? 'pipe' : openSync(log.stderr, 'a')],
  });
  const exited = once(child, 'close');
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ready = await Promise.race([once(child.stdout as NodeJS.EventEmitter, 'data'), exited]);
  const url = /http:\S+/.exec(String(ready[0]))?.[0] ?? '';
  return {
    url,
    said: () => said,
    exited,
    makeKey: async () => {
      const response = await fetch(`${url}/v1/keys`, {
        method: 'POST',
        headers: { 'X-API-Key': KEY, 'Content-Type': 'application/json' },
        body: JSON.stringify({ name: 'x', scopes: ['tools:read'] }),
        signal: AbortSignal.timeout(3_000),
      });
      return response.status;
    },
    async stop(): Promise<unknown> {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      const [code] = (await exited) as [number | null];
      clearTimeout(timer);
      return code;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

describe.skipIf(process.platform !== 'linux')('a log on a full disk does not stop the gateway', () => {
  test.each([
    ['a file', { file: '/dev/full' }],
    ['standard error', { stderr: '/dev/full' }],
  ])('%s', { timeout: 30_000 }, async (_, log) => {
    await using folder = await openFolder();
    await using program = await openProgram(folder.path, log);
    expect([await program.makeKey(), await program.makeKey()]).toEqual([201, 201]);
    const health = await fetch(`${program.url}/health`, { signal: AbortSignal.timeout(3_000) });
    expect(health.status).toBe(200);
    expect(await program.stop()).toBe(0);
  });
});

describe('a log file that cannot be made stops the start with one line', () => {
  test.each(['/dev/null/x.log', '/proc/no-such-folder/x.log'])('%s', { timeout: 30_000 }, async (file) => {
    await using folder = await openFolder();
    await using program = await openProgram(folder.path, { file });
    expect(program.url).toBe('');
    expect(await program.exited).toEqual([1, null]);
    const [line, ...more] = program.said().split('\n');
    expect(line).toMatch(
      /^start: INVOKE_LOG_FILE: expected a file that can be written, got "\/.+": E[A-Z]+: /,
    );
    expect(line).toContain(`"${file}"`);
    expect(more).toEqual(['']);
  });
});

describe('lines to a file', () => {
  const notice = (lost: number) => `lost ${lost}\n`;

  test('come in order, and all of them are there at the end', async () => {
    await using folder = await openFolder();
    const file = join(folder.path, 'x.log');
    const writer = createLineWriter(openSync(file, 'a'), notice);
    const lines = Array.from({ length: 1_000 }, (_, i) => `line ${i}\n`);
    for (const line of lines) writer.write(line);
    await writer.end();
    expect(readFileSync(file, 'utf8')).toBe(lines.join(''));
  });

  test('are lost where more of them wait than may; how many is said with the next', async () => {
    await using folder = await openFolder();
    const file = join(folder.path, 'x.log');
    const writer = createLineWriter(openSync(file, 'a'), notice);
    writer.write('first\n');
    writer.write(`${'x'.repeat(1024 * 1024 - 1)}\n`);
    writer.write('too much\n');
    writer.write('too much as well\n');
    await writer.end();
    const lines = readFileSync(file, 'utf8').split('\n');
    expect([lines[0], lines[1], lines.length]).toEqual(['first', 'lost 2', 4]);
  });
});
