import { fork, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
/** @import { Children } from '../demo/stage/children.mjs' */
/** @import { LoadPlan, LoadResult, ProcessPlan, RunningProcess } from './types.ts' */

const BENCH = dirname(fileURLToPath(import.meta.url));

/**
 * Starts a process and waits for its ready line.
 * @param {Children} children
 * @param {string} dir Where it runs, unless the plan says otherwise.
 * @param {ProcessPlan} plan
 * @returns {Promise<RunningProcess>}
 */
export async function startProcess(children, dir, { name, args, env = {}, cwd = dir, ready }) {
  const from = performance.now();
  const child = children.start({ name, args, cwd, env });
  const url = await child.line(ready);
  return { url, pid: child.pid, readyMs: performance.now() - from, stop: () => child.stop('SIGTERM') };
}

/** The ready line of the processes in bench/subjects. */
export const READY = /^ready (http:.*)$/;

/** @param {string} file Of bench/subjects. */
export function subjectFile(file) {
  return join(BENCH, 'subjects', file);
}

/** The load generator. Its runs follow one another; each rejects where an answer was not as expected. */
export function startLoader() {
  const child = fork(join(BENCH, 'load', 'loader.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return {
    pid: child.pid ?? 0,
    /** @param {LoadPlan} plan @returns {Promise<LoadResult>} */
    run(plan) {
      return new Promise((resolve, reject) => {
        const died = () => reject(new Error('the load generator died'));
        child.once('exit', died);
        child.once('message', (/** @type {any} */ message) => {
          child.off('exit', died);
          if (message.kind === 'ran') resolve(message.result);
          else reject(new Error(message.message));
        });
        child.send(plan);
      });
    },
    stop: () => void child.kill(),
  };
}

/** @typedef {ReturnType<typeof startLoader>} Loader */

const MICROSECONDS_PER_TICK = 10_000;
const PARENT_FIELD = 1;
const UTIME_FIELD = 11;

/**
 * The CPU time that processes have used so far, in microseconds. Null where /proc does not tell (proc(5), fields utime and
 * stime; USER_HZ is 100 on every Linux that Node runs on).
 * @param {...number} pids
 */
export function cpuMicroseconds(...pids) {
  let sum = 0;
  for (const pid of pids) {
    const fields = statOf(pid);
    if (fields === null) return null;
    sum += (Number(fields[UTIME_FIELD]) + Number(fields[UTIME_FIELD + 1])) * MICROSECONDS_PER_TICK;
  }
  return pids.length === 0 ? null : sum;
}

/** A process and the ones that it has started; only itself where /proc does not tell. @param {number} pid */
export function familyOf(pid) {
  try {
    const all = readdirSync('/proc').map(Number).filter(Number.isInteger);
    return [pid, ...all.filter((other) => Number(statOf(other)?.[PARENT_FIELD]) === pid)];
  } catch {
    return [pid];
  }
}

/** What stands behind the name in /proc/<pid>/stat. @param {number} pid */
function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** Resident memory of a process, in megabytes (10^6 bytes). @param {number} pid */
export function residentMb(pid) {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return (Number(stdout.trim()) * 1024) / 1e6;
}
