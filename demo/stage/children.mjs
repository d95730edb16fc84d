import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
/** @import { ChildProcess } from 'node:child_process' */

/**
 * @typedef {object} ChildPlan
 * @property {string} name Names its log file, too.
 * @property {readonly string[]} args For node.
 * @property {string} cwd
 * @property {Readonly<Record<string, string>>} [env] Beside the few variables that any process needs.
 *
 * @typedef {object} Child
 * @property {string} name
 * @property {number} pid
 * @property {string} logFile
 * @property {Promise<readonly string[]>} ended Its lines on stdout; rejects with ChildFailed when it ends with an error unasked.
 * @property {(pattern: RegExp) => Promise<string>} line The first line on stdout that matches, or its first group.
 * @property {(signal: NodeJS.Signals, graceMs?: number) => Promise<void>} stop Sends the signal; after the grace, SIGKILL.
 */

/** A process died unasked, or did not come up. The message is for people. */
export class ChildFailed extends Error {
  /** @param {string} what @param {string} childName @param {string} logFile */
  constructor(what, childName, logFile) {
    super(what);
    this.name = 'ChildFailed';
    this.childName = childName;
    this.logFile = logFile;
  }
}

const READY_WITHIN_MS = 15_000;
const DEFAULT_GRACE_MS = 3_000;

/** Variables of ours that a child gets as well. Nothing else: a demo must not find its way into somebody's real database. */
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot'];

/**
 * Starts processes, keeps what they print, and ends them all.
 * @param {string} dir Where the logs go.
 */
export function createChildren(dir) {
  /** @type {Set<{ child: Child, process: ChildProcess }>} */
  const alive = new Set();
  /** @type {ChildFailed[]} */
  const failures = [];

  /** @param {ChildPlan} plan @returns {Child} */
  function start(plan) {
    const logFile = join(dir, `${plan.name}.log`);
    const log = openSync(logFile, 'a');
    const given = Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]]));
    const spawned = spawn(process.execPath, plan.args, {
      cwd: plan.cwd,
      env: { ...given, ...plan.env },
      stdio: ['pipe', 'pipe', log],
    });
    closeSync(log);
    const child = toChild(spawned, { name: plan.name, logFile });
    const entry = { child, process: spawned };
    alive.add(entry);
    spawned.once('exit', () => alive.delete(entry));
    child.ended.catch((error) => failures.push(error));
    return child;
  }

  return {
    start,
    /** What has died unasked, oldest first. */
    failures,
    /** Ends all of them, politely first. Never rejects. */
    async stopAll() {
      await Promise.all([...alive].map(({ child }) => child.stop('SIGTERM', 2_000)));
    },
    /** For the last moment of this process, when nothing can be waited for. */
    killAll() {
      for (const { process: spawned } of alive) spawned.kill('SIGKILL');
    },
  };
}

/** @typedef {ReturnType<typeof createChildren>} Children */

/** The last lines of a log. @param {string} logFile @param {number} count */
export function tailOf(logFile, count) {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-count);
}

/**
 * @param {ChildProcess} spawned
 * @param {{ name: string, logFile: string }} names
 * @returns {Child}
 */
function toChild(spawned, { name, logFile }) {
  /** @type {string[]} */
  const lines = [];
  let stopping = false;
  const exited = new Promise((resolve) => spawned.once('exit', resolve));
  const reader = createInterface({ input: /** @type {import('node:stream').Readable} */ (spawned.stdout) });
  reader.on('line', (text) => lines.push(text));

  /** @type {Promise<readonly string[]>} */
  const ended = new Promise((resolve, reject) => {
    spawned.once('error', (error) =>
      reject(new ChildFailed(`${name} could not be started: ${error.message}`, name, logFile)),
    );
    spawned.once('close', (code, signal) => {
      if (stopping || code === 0) resolve(lines);
      else reject(new ChildFailed(`${name} ended with ${signal ?? `exit code ${code}`}`, name, logFile));
    });
  });

  return {
    name,
    pid: spawned.pid ?? 0,
    logFile,
    ended,
    line: (pattern) => firstMatch({ lines, reader, ended }, pattern, { name, logFile }),
    async stop(signal, graceMs = DEFAULT_GRACE_MS) {
      stopping = true;
      if (spawned.exitCode !== null || spawned.signalCode !== null) return;
      spawned.kill(signal);
      const timer = setTimeout(() => spawned.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/**
 * @param {{ lines: readonly string[], reader: import('node:readline').Interface, ended: Promise<unknown> }} output
 * @param {RegExp} pattern
 * @param {{ name: string, logFile: string }} names
 * @returns {Promise<string>}
 */
function firstMatch({ lines, reader, ended }, pattern, { name, logFile }) {
  return new Promise((resolve, reject) => {
    /** @param {string} text */
    const look = (text) => {
      const match = pattern.exec(text);
      if (match !== null) settle(() => resolve(match[1] ?? match[0]));
    };
    const timer = setTimeout(
      () =>
        settle(() =>
          reject(new ChildFailed(`${name} was not ready within ${READY_WITHIN_MS} ms`, name, logFile)),
        ),
      READY_WITHIN_MS,
    );
    /** @param {() => void} how */
    function settle(how) {
      clearTimeout(timer);
      reader.off('line', look);
      how();
    }
    reader.on('line', look);
    for (const text of lines) look(text);
    ended.then(
      () => settle(() => reject(new ChildFailed(`${name} ended before it was ready`, name, logFile))),
      (error) => settle(() => reject(error)),
    );
  });
}
