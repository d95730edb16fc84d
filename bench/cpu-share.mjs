import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** So short that a process that has used up its part waits no longer than this for the next. */
const PERIOD_US = 20_000;

const TREE = '/sys/fs/cgroup';

/**
 * Holds a process and all its threads to a share of one core, as the CPU limit of a container does: by a control group of
 * Linux (https://docs.kernel.org/admin-guide/cgroup-v2.html, cpu.max; in version 1, cpu.cfs_quota_us), which takes root.
 * @param {number} pid
 * @param {number} share Of one core, above 0.
 * @returns {null | (() => void)} To call when the process has ended; null where it cannot be held here.
 */
export function holdToShare(pid, share) {
  const quotaUs = Math.max(1_000, Math.round(share * PERIOD_US));
  const name = `invoke-bench-${pid}`;
  return hold(pid, placeOf(name), quotaUs);
}

/** @typedef {{ readonly group: string, readonly limits: (quotaUs: number) => readonly (readonly [string, string])[] }} Place */

/** @param {string} name @returns {Place | null} */
function placeOf(name) {
  if (existsSync(join(TREE, 'cpu', 'cpu.cfs_quota_us'))) {
    return {
      group: join(TREE, 'cpu', name),
      limits: (quotaUs) => [
        ['cpu.cfs_period_us', String(PERIOD_US)],
        ['cpu.cfs_quota_us', String(quotaUs)],
      ],
    };
  }
  const controllers = join(TREE, 'cgroup.subtree_control');
  if (!existsSync(controllers) || !readFileSync(controllers, 'utf8').split(/\s/).includes('cpu')) return null;
  return { group: join(TREE, name), limits: (quotaUs) => [['cpu.max', `${quotaUs} ${PERIOD_US}`]] };
}

/** @param {number} pid @param {Place | null} place @param {number} quotaUs */
function hold(pid, place, quotaUs) {
  if (place === null) return null;
  const { group, limits } = place;
  const release = () => {
    try {
      rmdirSync(group);
    } catch {
      // It was never made, or still has a process in it: an empty group is all that can be left behind.
    }
  };
  try {
    mkdirSync(group);
    for (const [file, value] of limits(quotaUs)) writeFileSync(join(group, file), value);
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
    return release;
  } catch {
    release();
    return null;
  }
}
