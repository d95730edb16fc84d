import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** What it was run on, for people who compare. */
export function machineSentence(): string {
  const [first] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${first?.model.trim() ?? 'unknown'}), ${gib} GiB, Node ${process.versions.node}; callers, tools, lines, database and gateways on the same machine.`;
}

/** The commit that is checked out, with a + where something was changed since. */
export function commitName(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).trim();
  try {
    const changed =
      git('status', '--porcelain', '--untracked-files=no', '--', 'packages', 'apps', 'test') !== '';
    return git('rev-parse', '--short', 'HEAD') + (changed ? '+' : '');
  } catch {
    return 'unknown';
  }
}
