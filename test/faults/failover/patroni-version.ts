import { execFileSync } from 'node:child_process';

/** As in `3.0.2`. */
export function patroniVersion(): string {
  const said = execFileSync('patroni', ['--version'], { encoding: 'utf8' });
  return /\d+(\.\d+)+/.exec(said)?.[0] ?? said.trim();
}

/** The first version that looks, in etcd, whether somebody else leads before it writes that it does. */
const LOOKS_FIRST = [3, 0, 3];

/**
 * Whether a leader of this version that has slept for longer than its `ttl` may overwrite the key of the leader that was
 * elected meanwhile. That one then gives up what it had acknowledged (Patroni's pull requests 2689 and 2693).
 */
export function takesLeadBack(version: string): boolean {
  const numbers = version.split('.').map(Number);
  for (const [i, first] of LOOKS_FIRST.entries()) {
    const own = numbers[i] ?? 0;
    if (own !== first) return own < first;
  }
  return false;
}
