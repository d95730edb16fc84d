import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { holdToShare } from './cpu-share.mjs';
import { cpuMicroseconds } from './processes.mjs';

describe('a process that is held to a share of a core', () => {
  it('takes no more than that, where the system can hold it', async () => {
    const busy = spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' });
    const pid = busy.pid ?? 0;
    const release = holdToShare(pid, 0.2);
    try {
      // Only root may make control groups, and only Linux has them.
      if (process.getuid?.() !== 0 || !existsSync('/sys/fs/cgroup')) return expect(release).toBeNull();
      if (release === null) return;
      const [before, from] = [cpuMicroseconds(pid) ?? Number.NaN, performance.now()];
      await sleep(1_000);
      const used = ((cpuMicroseconds(pid) ?? Number.NaN) - before) / 1000 / (performance.now() - from);
      expect(used).toBeLessThan(0.3);
    } finally {
      busy.kill('SIGKILL');
      await new Promise((done) => busy.once('exit', done));
      release?.();
      expect(existsSync(`/sys/fs/cgroup/cpu/invoke-bench-${pid}`)).toBe(false);
    }
  });

  it('is told so for a process that there is not', () => {
    expect(holdToShare(2 ** 30, 0.2)).toBeNull();
  });
});
