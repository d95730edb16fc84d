import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ChildFailed, createChildren, tailOf } from './children.mjs';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'demo-children-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function script(source: string): readonly string[] {
  const file = join(dir, 'script.mjs');
  writeFileSync(file, source);
  return [file];
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('waits for the ready line and gives its first group', async () => {
  const children = createChildren(dir);
  const args = script(
    `console.log('booting'); console.log('ready at http://x:1'); setInterval(() => {}, 1000);`,
  );
  const child = children.start({ name: 'a', args, cwd: dir });
  expect(await child.line(/ready at (.*)$/)).toBe('http://x:1');
  await children.stopAll();
  expect(isAlive(child.pid)).toBe(false);
});

it('tells of a child that dies before it is ready, with its name and its log', async () => {
  const children = createChildren(dir);
  const child = children.start({
    name: 'b',
    args: script(`console.error('no port'); process.exit(3);`),
    cwd: dir,
  });
  const error = await child.line(/ready/).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(ChildFailed);
  expect(String(error)).toContain('b ended with exit code 3');
  expect(tailOf(child.logFile, 5)).toEqual(['no port']);
  expect(children.failures).toHaveLength(1);
});

it('does not call it a failure when it was told to end', async () => {
  const children = createChildren(dir);
  const child = children.start({
    name: 'c',
    args: script(`console.log('ready'); setInterval(() => {}, 1000);`),
    cwd: dir,
  });
  await child.line(/ready/);
  await child.stop('SIGKILL');
  expect(await child.ended).toEqual(['ready']);
  expect(children.failures).toEqual([]);
});

it('kills what does not end when asked', async () => {
  const children = createChildren(dir);
  const args = script(`process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1000);`);
  const child = children.start({ name: 'd', args, cwd: dir });
  await child.line(/ready/);
  await child.stop('SIGTERM', 100);
  expect(isAlive(child.pid)).toBe(false);
});

it('hands on nothing of the environment but what any process needs', async () => {
  process.env['DATABASE_URL'] = 'postgres://production';
  try {
    const children = createChildren(dir);
    const args = script(`console.log('ready ' + Object.keys(process.env).sort().join(' '));`);
    const line = await children.start({ name: 'e', args, cwd: dir, env: { OWN: '1' } }).line(/^ready (.*)$/);
    expect(line.split(' ')).toContain('OWN');
    expect(line.split(' ')).not.toContain('DATABASE_URL');
  } finally {
    delete process.env['DATABASE_URL'];
  }
});
