import { cpuMicroseconds } from './processes.mjs';
import { NotMeasurable } from './not-measurable.mjs';
import { median, spread } from './statistics.mjs';
/** @import { Loader } from './processes.mjs' */
/** @import { Absence, ComparedAt, Comparison, ComparisonResult, Figures, RunningSubject, Sample, Site } from './types.ts' */

/**
 * @typedef {object} Conditions
 * @property {Site} site
 * @property {Loader} loader
 * @property {readonly number[]} connections
 * @property {number} rounds
 * @property {number} ms Length of one run.
 * @property {number} cores
 * @property {number} [perSecond] As in a LoadPlan.
 * @property {(text: string) => void} say
 */

const WARMUP_MS = 300;
const FIRST_WARMUP_MS = 2_000;
const FIRST_WARMUP_CONNECTIONS = 16;
/** How often a run in which nothing was answered is made twice as long. */
const LONGER_TRIES = 4;

/**
 * Measures subjects against their baseline. Every round runs the baseline and then each subject, one after the other and
 * never two at a time, so that whatever drifts on the machine drifts for both; a ratio is made of two runs of one round.
 * @param {Comparison} comparison
 * @param {Conditions} conditions
 * @returns {Promise<ComparisonResult>}
 */
export async function compare({ id, title, baseline, subjects }, conditions) {
  const { connections, say } = conditions;
  /** @type {{ readonly title: string, readonly subject: RunningSubject }[]} */
  const running = [];
  /** @type {Absence[]} */
  const absent = [];
  try {
    for (const each of [baseline, ...subjects]) {
      const subject = await start(each, conditions);
      if ('why' in subject) absent.push(subject);
      else running.push({ title: each.title, subject });
    }
    /** @type {ComparedAt[]} */
    const rows = [];
    if (running.length > 1 && running[0]?.title === baseline.title) {
      for (const { subject } of running) await warmUp(subject, conditions);
      for (const count of connections) {
        say(`${id}: ${count} connection${count === 1 ? '' : 's'}`);
        const all = running.map((r) => r.subject);
        const [base = [], ...others] = await playRounds(all, count, conditions);
        rows.push(
          ...others.map((samples, i) => toRow(running[i + 1]?.title ?? '', count, { base, samples })),
        );
      }
    }
    return { id, title, baseline: baseline.title, rows, absent };
  } finally {
    for (const { subject } of running.toReversed()) await subject.stop();
  }
}

/**
 * @param {import('./types.ts').Subject} subject
 * @param {Conditions} conditions
 * @returns {Promise<RunningSubject | Absence>}
 */
async function start(subject, { site, say }) {
  try {
    return await subject.start(site);
  } catch (error) {
    if (!(error instanceof NotMeasurable)) throw error;
    say(`${subject.title} is not measured: ${error.message}`);
    return { subject: subject.title, why: error.message };
  }
}

/**
 * @param {RunningSubject} subject
 * @param {Conditions} conditions
 */
async function warmUp({ urls, request }, { loader, ms }) {
  const plan = {
    urls,
    request,
    connections: FIRST_WARMUP_CONNECTIONS,
    warmupMs: 0,
    ms: Math.min(FIRST_WARMUP_MS, 2 * ms),
  };
  await loader.run(plan);
}

/**
 * @param {readonly RunningSubject[]} running
 * @param {number} connections
 * @param {Conditions} conditions
 * @returns {Promise<Sample[][]>} Per subject, its samples in the order of the rounds.
 */
async function playRounds(running, connections, conditions) {
  /** @type {Sample[][]} */
  const samples = running.map(() => []);
  for (let round = 0; round < conditions.rounds; round += 1) {
    for (const [i, subject] of running.entries()) {
      samples[i]?.push(
        await playOnce(subject, connections, conditions).catch((cause) => {
          throw new Error(`${connections} connections to ${subject.urls}: ${cause.message}`, { cause });
        }),
      );
    }
  }
  return samples;
}

/**
 * One run; where not one answer came in its time, a longer one.
 * @param {RunningSubject} subject
 * @param {number} connections
 * @param {Conditions} conditions
 * @returns {Promise<Sample>}
 */
export async function playOnce(subject, connections, conditions) {
  for (let tries = 0; tries <= LONGER_TRIES; tries += 1) {
    const ms = conditions.ms * 2 ** tries;
    const sample = await run(subject, connections, { ...conditions, ms });
    if (sample.answers > 0) return sample;
  }
  throw new Error(`not one answer came in ${conditions.ms * 2 ** LONGER_TRIES} ms`);
}

/**
 * That every answer is a call that reached the tool (or, for replays, that none is) is read off the upstream.
 * @param {RunningSubject} subject
 * @param {number} connections
 * @param {Conditions} conditions
 * @returns {Promise<Sample>}
 */
async function run(subject, connections, { site, loader, ms, perSecond }) {
  const callsBefore = await upstreamCalls(site);
  const { urls, request, pids } = subject;
  const before = [cpuMicroseconds(loader.pid), cpuMicroseconds(...pids)];
  const pace = perSecond === undefined ? {} : { perSecond };
  const result = await loader.run({ urls, request, connections, warmupMs: WARMUP_MS, ms, ...pace });
  const after = [cpuMicroseconds(loader.pid), cpuMicroseconds(...pids)];
  const answers = result.answers + result.unmeasured;
  const calls = (await upstreamCalls(site)) - callsBefore;
  if (calls !== answers * subject.upstreamCalls) {
    throw new Error(`${answers} answers of ${urls} stand for ${calls} calls of the upstream`);
  }
  /** @param {number} i */
  const perAnswer = (i) => {
    const [from, to] = [before[i] ?? null, after[i] ?? null];
    return from === null || to === null ? null : (to - from) / answers;
  };
  return { ...result, cpu: { loader: perAnswer(0), subject: perAnswer(1) } };
}

/** @param {Site} site */
async function upstreamCalls({ upstreamUrl }) {
  const answer = await fetch(upstreamUrl);
  const { calls } = /** @type {{ calls: number }} */ (await answer.json());
  return calls;
}

/**
 * @param {string} subject
 * @param {number} connections
 * @param {{ readonly base: readonly Sample[], readonly samples: readonly Sample[] }} measured
 * @returns {ComparedAt}
 */
function toRow(subject, connections, { base, samples }) {
  /** @param {(subject: Sample, baseline: Sample) => number} combine */
  const perRound = (combine) => spread(samples.map((s, i) => combine(s, /** @type {Sample} */ (base[i]))));
  return {
    subject,
    connections,
    baseline: toFigures(base),
    figures: toFigures(samples),
    ratio: perRound((s, b) => s.perSecond / b.perSecond),
    addedP50Ms: perRound((s, b) => s.p50Ms - b.p50Ms),
  };
}

/** @param {readonly Sample[]} samples @returns {Figures} */
function toFigures(samples) {
  /** @param {(s: Sample) => number} read */
  const middle = (read) => median(samples.map(read));
  /** @param {'loader' | 'subject'} of */
  const cpu = (of) => (samples.some((s) => s.cpu[of] === null) ? null : middle((s) => s.cpu[of] ?? 0));
  return {
    perSecond: middle((s) => s.perSecond),
    p50Ms: middle((s) => s.p50Ms),
    p99Ms: middle((s) => s.p99Ms),
    cpu: { loader: cpu('loader'), subject: cpu('subject') },
  };
}
