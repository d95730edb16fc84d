import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};

/** What takes long, or writes results: nobody may start it by asking how it is used. */
const OWN = ['demo', 'test', 'bench', 'storm', 'faults', 'failover', 'docs'];

/** As `npm run` does it, where everything is set up already. */
function run(name: string, word: string) {
  const command = (scripts[name] ?? '')
    .replace(/^node scripts\/with-setup\.mjs (--no-build )?/, '')
    .replace('./demo/run_demo.sh', 'node demo/main.mjs');
  return spawnSync('sh', ['-c', `${command} ${word}`], { cwd: ROOT, encoding: 'utf8', timeout: 30_000 });
}

test.each(OWN)('npm run %s -- --help says how it is used, and does nothing', (name) => {
  const ran = run(name, '--help');
  expect(ran).toMatchObject({ status: 0, stderr: '' });
  expect(ran.stdout).toContain(
    name === 'test' ? 'npm test' : name === 'demo' ? 'run_demo.sh' : `npm run ${name}`,
  );
});

test.each(OWN)('npm run %s -- --frobnicate names what it does not know, and does nothing', (name) => {
  const ran = run(name, '--frobnicate');
  expect(ran.status).toBe(name === 'test' ? 1 : 2);
  const said = ran.stdout + ran.stderr;
  expect(said).toContain('--frobnicate');
  expect(said).not.toMatch(/^ +at /m);
});
