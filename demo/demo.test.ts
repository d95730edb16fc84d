import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SceneReport } from './types.ts';

const MAIN = join(import.meta.dirname, 'main.mjs');
const LYING_GATEWAY = join(import.meta.dirname, 'testing', 'lying-gateway.mjs');

let cwd: string;
/** The demo's temporary files go here, so that a test can see what is left of them. */
let scratch: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'demo-test-'));
  scratch = join(cwd, 'tmp');
  mkdirSync(scratch);
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

interface Played {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Playing {
  readonly ended: Promise<Played>;
  /** Resolves when stdout contains the text. */
  shows(text: string): Promise<void>;
  /** As a terminal does it on Ctrl-C: to every process of the group. */
  interrupt(): void;
  /** As `| head` does it: nobody reads stdout any more. */
  stopReading(): void;
  /** Whether any process of the demo is still there. */
  leftovers(): Promise<boolean>;
}

function play(args: readonly string[], env: Readonly<Record<string, string>> = {}): Playing {
  const child = spawn(process.execPath, [MAIN, ...args], {
    /* A group of its own: its processes can be told apart from all others. */
    detached: true,
    cwd,
    env: { PATH: process.env['PATH'], TMPDIR: scratch, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const group = -(child.pid ?? 0);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  return {
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr }))),
    async shows(text) {
      while (!stdout.includes(text)) await sleep(10);
    },
    interrupt: () => void process.kill(group, 'SIGINT'),
    stopReading: () => void child.stdout.destroy(),
    async leftovers() {
      for (let waited = 0; waited < 15_000; waited += 50) {
        if (!isAlive(group)) return false;
        await sleep(50);
      }
      return true;
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function expectNothingLeft(demo: Playing): Promise<void> {
  expect(await demo.leftovers()).toBe(false);
  expect(readdirSync(scratch)).toEqual([]);
}

/** The ledgers' counts of a run with --json: without Invoke, and through it. */
function countsOf(stdout: string): Record<string, [number, number]> {
  const { scenes } = JSON.parse(stdout) as { scenes: SceneReport[] };
  const rows = scenes.flatMap((s) =>
    s.naive.counts.map((c, i) => [c.label, [c.n, s.invoke.counts[i]?.n]] as const),
  );
  return Object.fromEntries(rows) as Record<string, [number, number]>;
}

describe('against the gateway', () => {
  it('plays every scene, counts what happened, and leaves nothing behind', async () => {
    const demo = play([]);
    const { code, stdout, stderr } = await demo.ended;
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^ {2}timeout +exchange_rate asked +3 +3 +\[ok\]$/m);
    expect(stdout).toMatch(/^ +rate_history asked \(it is down\) +8 +3$/m);
    expect(stdout).toMatch(/^ {2}payment +pay_42 charged +2 +1 +\[ok\]$/m);
    expect(stdout).toMatch(/^ {2}wrong-entity +cust_999 updated \(a stranger\) +1 +0 +\[ok\]$/m);
    expect(stdout).toMatch(/^ +cust_123 updated \(who was meant\) +0 +1$/m);
    expect(stdout).toMatch(/^ {2}duplicate +issue created +2 +1 +\[ok\]$/m);
    expect(stdout).toMatch(/^ {2}stale-approval +inv_77 reminder sent +1 +0 +\[ok\]$/m);
    expect(stdout).toMatch(/^ {2}webhook +ord_9 shipped \(its payment is gone\) +1 +0 +\[ok\]$/m);
    expect(stdout).toMatch(/^ {2}kill +pay_77 charged +2 +1 +\[ok\]$/m);
    expect(stdout).toContain('7 of 7 scenes came out as claimed');
    expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
    expect(stdout).toContain('unknown outcome reconciled');
    expect(stdout).not.toContain('\u001b[');
    expect(code).toBe(0);
    await expectNothingLeft(demo);
  }, 60_000);

  it('gives a tool up after exactly retry + 1 attempts', async () => {
    const { code, stdout, stderr } = await play(['--json', '--scene', 'timeout'], { FLAKY_FAIL_FIRST_N: '5' })
      .ended;
    expect(stderr).toBe('');
    expect(countsOf(stdout)).toEqual({
      'exchange_rate asked': [6, 3],
      'rate_history asked (it is down)': [8, 3],
    });
    expect(code).toBe(0);
  }, 60_000);

  it('ends a charge that the gateway was killed in with one charge', async () => {
    const demo = play(['--json', '--scene', 'kill']);
    const { code, stdout, stderr } = await demo.ended;
    expect(stderr).toBe('');
    expect(countsOf(stdout)).toEqual({ 'pay_77 charged': [2, 1] });
    const [scene] = (JSON.parse(stdout) as { scenes: SceneReport[] }).scenes;
    expect(scene?.executions.map((e) => e.final_outcome)).toEqual(['outcome_reconciled']);
    expect(code).toBe(0);
    await expectNothingLeft(demo);
  }, 60_000);
});

describe('a scene by itself', () => {
  it('shows a human what has changed since it was frozen', async () => {
    const { code, stdout, stderr } = await play(['--scene', 'stale-approval']).ended;
    expect(stderr).toBe('');
    expect(stdout).toContain('the agent approves: refused, 403');
    expect(stdout).toContain('the human approves: 200 requeued');
    expect(stdout).toContain('invoice_status: "overdue" -> "paid"');
    expect(stdout).toContain('balance: 125 -> 0');
    expect(code).toBe(0);
  }, 60_000);

  it('takes a signed event that contradicts the record', async () => {
    const { code, stdout, stderr } = await play(['--json', '--scene', 'webhook']).ended;
    expect(stderr).toBe('');
    expect(countsOf(stdout)).toEqual({ 'ord_9 shipped (its payment is gone)': [1, 0] });
    const [scene] = (JSON.parse(stdout) as { scenes: SceneReport[] }).scenes;
    expect(scene?.invoke.lines.map((l) => l.text)).toContain('webhook to Invoke: payment.failed');
    expect(code).toBe(0);
  }, 60_000);
});

describe('when things go wrong', () => {
  it('believes the ledgers, not a gateway that says what is wanted and does harm', async () => {
    const demo = play(['--json', '--gateway', LYING_GATEWAY]);
    const { code, stdout } = await demo.ended;
    const { ok, scenes } = JSON.parse(stdout) as { ok: boolean; scenes: SceneReport[] };
    expect(ok).toBe(false);
    expect(scenes.map((s) => [s.id, s.checks.filter((c) => !c.holds).map((c) => c.claim)])).toEqual([
      ['timeout', []],
      ['payment', ['through Invoke the customer is charged once']],
      ['wrong-entity', ['through Invoke the wrong call is refused and the record is not touched']],
      ['duplicate', ['through Invoke there is one issue']],
      ['stale-approval', ['through Invoke no reminder is sent']],
      ['webhook', []],
      [
        'kill',
        [
          'the agent learns that the payment went through',
          'the execution tells that it was taken over and looked up',
        ],
      ],
    ]);
    expect(code).toBe(1);
    await expectNothingLeft(demo);
  }, 60_000);

  it('shows where the log of a process is that does not come up', async () => {
    const broken = join(cwd, 'broken-gateway.mjs');
    writeFileSync(broken, `console.error('no such table'); process.exit(1);`);
    const demo = play(['--gateway', broken]);
    const { code, stderr } = await demo.ended;
    expect(stderr).toContain('gateway ended with exit code 1');
    expect(stderr).toContain('  | no such table');
    expect(stderr).toContain('its whole log is in logs/demo/gateway.log');
    expect(readFileSync(join(cwd, 'logs', 'demo', 'gateway.log'), 'utf8')).toBe('no such table\n');
    expect(code).toBe(1);
    await expectNothingLeft(demo);
  }, 60_000);

  it('tells of a gateway that dies in the middle, and not of the call that it broke', async () => {
    const dying = join(cwd, 'dying-gateway.mjs');
    writeFileSync(dying, `import ${JSON.stringify(LYING_GATEWAY)}; setTimeout(() => process.exit(7), 1500);`);
    const demo = play(['--gateway', dying]);
    const { code, stderr } = await demo.ended;
    expect(stderr).toContain('gateway ended with exit code 7');
    expect(stderr).not.toContain('fetch failed');
    expect(code).toBe(1);
    await expectNothingLeft(demo);
  }, 60_000);

  it('clears everything away on Ctrl-C', async () => {
    const demo = play(['--gateway', LYING_GATEWAY]);
    await demo.shows('1. Tool timeout');
    demo.interrupt();
    const { code, stderr } = await demo.ended;
    expect(stderr).toBe('');
    expect(code).toBe(130);
    await expectNothingLeft(demo);
  }, 60_000);

  it('clears everything away on Ctrl-C while the killed gateway is started again', async () => {
    const starts = join(cwd, 'starts');
    const reluctant = join(cwd, 'reluctant-gateway.mjs');
    writeFileSync(
      reluctant,
      `import { appendFileSync, readFileSync } from 'node:fs';
       appendFileSync(${JSON.stringify(starts)}, '|');
       if (readFileSync(${JSON.stringify(starts)}, 'utf8') === '|') await import(${JSON.stringify(LYING_GATEWAY)});
       else setInterval(() => {}, 1000);`,
    );
    const demo = play(['--scene', 'kill', '--gateway', reluctant]);
    while (!existsSync(starts) || readFileSync(starts, 'utf8') !== '||') await sleep(10);
    demo.interrupt();
    const { code, stderr } = await demo.ended;
    expect(stderr).toBe('');
    expect(code).toBe(130);
    await expectNothingLeft(demo);
  }, 60_000);

  it('clears everything away when its reader goes away', async () => {
    const demo = play(['--gateway', LYING_GATEWAY]);
    await demo.shows('1. Tool timeout');
    demo.stopReading();
    expect((await demo.ended).stderr).toBe('');
    await expectNothingLeft(demo);
  }, 60_000);

  it('ends with 2 where it was called wrongly', async () => {
    const { code, stderr } = await play(['--scene', 'nonsense']).ended;
    expect(stderr).toContain(
      'there is no scene nonsense; there are timeout, payment, wrong-entity, duplicate, stale-approval, webhook, kill',
    );
    expect(code).toBe(2);
  });
});
