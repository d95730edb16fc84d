import { mkdtempSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { playOnce } from '../compare.mjs';
import { median } from '../statistics.mjs';
import { registerTools, startGateway, toSubject } from '../subjects/gateway.mjs';
import { startPostgres } from '../subjects/postgres.mjs';
import { whole } from '../tables.mjs';
import { askProbe } from './ask-probe.mjs';
import { judgeSoak } from './judge-soak.mjs';
/** @import { Conditions } from '../compare.mjs' */
/** @import { Bench, Finding } from '../experiments.mjs' */
/** @import { Options } from '../options.mjs' */
/** @import { RunningSubject, Site } from '../types.ts' */
/** @import { SoakSample } from './judge-soak.mjs' */

const CONNECTIONS = 64;
const CAPACITY_RUNS = 3;
const LONGEST_STRETCH_MS = 60_000;
const SHORTEST_STRETCH_MS = 1_000;
const STRETCHES = 30;
/** Traces are written up to half a second later, and idle connections to the tool are closed after 5 seconds. */
const QUIET_MS = 6_500;
const OPEN_STATES = [
  'accepted',
  'running',
  'retry_wait',
  'unknown',
  'reconciling',
  'needs_review',
  'awaiting_approval',
];
const MB = 1e6;
const PROBE = new URL('probe.mjs', import.meta.url).href;
const ROWS_SHOWN = 12;

/**
 * Half of what the gateway can do, for a long time: does anything grow?
 * @param {Bench} bench
 * @returns {Promise<Finding>}
 */
export async function runSoak({ options, conditions }) {
  const { store, minutes } = options;
  const soaked = await startSoaked(conditions.site, store);
  try {
    const capacity = await measureCapacity(soaked.subject, conditions, options);
    const rate = capacity / 2;
    conditions.say(
      `soak: ${minutes} minutes at ${rate.toFixed(0)} of ${capacity.toFixed(0)} calls per second`,
    );
    const samples = await soak(soaked, { rate, minutes, conditions });
    return report({ store, minutes, capacity, rate, samples });
  } finally {
    await soaked.subject.stop();
  }
}

/** @typedef {{ readonly subject: RunningSubject, readonly probe: string, readonly file: string | null }} Soaked */

/**
 * @param {Site} site
 * @param {Options['store']} store
 * @returns {Promise<Soaked>}
 */
async function startSoaked(site, store) {
  const dir = mkdtempSync(join(site.dir, 'soak-'));
  const probe = join(dir, 'probe');
  const postgres = store === 'postgres' ? await startPostgres(site.dir) : null;
  try {
    const gateway = await startGateway(site, {
      dataDir: dir,
      ...(postgres === null ? {} : { databaseUrl: postgres.url }),
      nodeArgs: ['--expose-gc', '--import', PROBE],
      env: { SOAK_PROBE: probe },
    });
    await registerTools(site, gateway.url);
    const stop = () => gateway.stop().then(() => postgres?.stop());
    const subject = toSubject([gateway], { apiKey: site.apiKey, stop });
    return { subject, probe, file: postgres === null ? join(dir, 'invoke.db') : null };
  } catch (error) {
    await postgres?.stop();
    throw error;
  }
}

/**
 * @param {RunningSubject} subject
 * @param {Conditions} conditions
 * @param {Options} options
 */
async function measureCapacity(subject, conditions, { quick }) {
  const runs = [];
  const ms = quick ? 300 : 5_000;
  for (let i = 0; i <= CAPACITY_RUNS; i += 1) {
    runs.push((await playOnce(subject, CONNECTIONS, { ...conditions, ms })).perSecond);
  }
  /* The first one warms up. */
  return median(runs.slice(1));
}

/**
 * @param {Soaked} soaked
 * @param {{ readonly rate: number, readonly minutes: number, readonly conditions: Conditions }} plan
 * @returns {Promise<readonly SoakSample[]>}
 */
async function soak({ subject, probe, file }, { rate, minutes, conditions }) {
  const totalMs = minutes * 60_000;
  const stretchMs = Math.min(LONGEST_STRETCH_MS, Math.max(SHORTEST_STRETCH_MS, totalMs / STRETCHES));
  const quietMs = Math.min(QUIET_MS, stretchMs / 2);
  const from = performance.now();
  /** @type {SoakSample[]} */
  const samples = [];
  let calls = 0;
  while (performance.now() - from < totalMs - stretchMs / 2) {
    const ran = await playOnce(subject, CONNECTIONS, {
      ...conditions,
      ms: stretchMs - quietMs,
      perSecond: rate,
    });
    calls += ran.answers + ran.unmeasured;
    await sleep(quietMs);
    const held = await askProbe(probe);
    samples.push({
      minute: (performance.now() - from) / 60_000,
      calls,
      perSecond: ran.perSecond,
      p50Ms: ran.p50Ms,
      p99Ms: ran.p99Ms,
      longestMs: ran.longestMs,
      heapMb: held.heapUsed / MB,
      rssMb: held.rss / MB,
      handles: held.handles,
      files: held.files,
      openRows: await countOpen(conditions.site, subject.urls[0] ?? ''),
      storeMb: file === null ? null : statSync(file).size / MB,
    });
    conditions.say(
      `soak: minute ${samples.at(-1)?.minute.toFixed(1)}, heap ${samples.at(-1)?.heapMb.toFixed(1)} MB`,
    );
  }
  return samples;
}

/**
 * Executions that are not at their end, as the gateway lists them: up to a page of each state.
 * @param {Site} site
 * @param {string} url
 */
async function countOpen({ apiKey }, url) {
  let open = 0;
  for (const status of OPEN_STATES) {
    const answer = await fetch(`${url}/v1/executions?limit=100&status=${status}`, {
      headers: { 'x-api-key': apiKey },
    });
    if (!answer.ok) throw new Error(`the list of ${status} executions was answered with ${answer.status}`);
    const { executions } = /** @type {{ executions: unknown[] }} */ (await answer.json());
    open += executions.length;
  }
  return open;
}

/**
 * @param {{ readonly store: Options['store'], readonly minutes: number, readonly capacity: number, readonly rate: number, readonly samples: readonly SoakSample[] }} soaked
 * @returns {Finding}
 */
export function report({ store, minutes, capacity, rate, samples }) {
  const step = Math.max(1, Math.ceil(samples.length / ROWS_SHOWN));
  const shown = samples.filter((_, i) => i === 0 || (i + 1) % step === 0 || i === samples.length - 1);
  const name = store === 'sqlite' ? 'SQLite' : 'PostgreSQL';
  return {
    id: `soak-${store}`,
    title: `Soak on ${name}`,
    method: [
      `Method: capacity is the median of ${CAPACITY_RUNS} runs with ${CONNECTIONS} connections (${whole(capacity)} calls/s); then ${minutes} minutes at half of that, in stretches. After each, in a quiet moment, a probe that is preloaded into the gateway collects the garbage and says what the process holds; open rows are counted through the API. Each answer stands for one call of the tool, which is counted there.`,
    ],
    targets: judgeSoak(samples, { rate, minutes }),
    tables: [
      {
        title: `What the gateway held, ${whole(samples.at(-1)?.calls ?? 0)} calls`,
        head: [
          'minute',
          'calls so far',
          'calls/s',
          'p50 ms',
          'p99 ms',
          'longest ms',
          'heap MB',
          'resident MB',
          'handles',
          'open files',
          'open rows',
          'store MB',
        ],
        rows: shown.map((s) => [
          s.minute.toFixed(1),
          whole(s.calls),
          whole(s.perSecond),
          s.p50Ms.toFixed(2),
          s.p99Ms.toFixed(2),
          s.longestMs.toFixed(0),
          s.heapMb.toFixed(1),
          s.rssMb.toFixed(0),
          String(s.handles),
          s.files === null ? '-' : String(s.files),
          String(s.openRows),
          s.storeMb === null ? '-' : whole(s.storeMb),
        ]),
      },
    ],
    figures: { capacity, rate, samples },
  };
}
