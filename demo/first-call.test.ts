import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('the first call of the README ends by itself, and does what its comments say', async () => {
  const place = await mkdtemp(join(tmpdir(), 'invoke-first-call-'));
  try {
    const program = join(import.meta.dirname, 'first-call.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [program], {
      cwd: place,
      timeout: 30_000,
    });
    const [first, repeated, refused] = stdout.split(/^\}$/m);
    expect(first).toContain("status: 'outcome_reconciled'");
    expect(first).toContain("decision: 'do_not_retry'");
    expect(repeated).toContain("status: 'outcome_reconciled'");
    expect(repeated).toContain('replayed: true');
    expect(refused).toContain("code: 'idempotency_key_reused'");
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}, 40_000);
