import { cpuMicroseconds } from './processes.mjs';
import { median, spread } from './statistics.mjs';
/** @import { Loader } from './processes.mjs' */
/** @import { ComparedAt, Comparison, ComparisonResult, Figures, RunningSubject, Sample, Site } from './types.ts' */

/**
 * @typedef {object} Conditions
 * @property {Site} site
 * @property {Loader} loader
 * @property {readonly number[]} connections
 * @property {number} rounds
 * @property {number} ms Length of one run.
 * @property {(text: string) => void} say
 */

const WARMUP_MS = 300;
const FIRST_WARMUP_MS = 2_000;
const FIRST_WARMUP_CONNECTIONS = 16;

/**
 * Measures subjects against their baseline. Every round runs the baseline and then each subject, one after the other and
 * never two at a time, so that whatever drifts on the machine drifts for both; a ratio is made of two runs of one round.
 * @param {Comparison} comparison
 * @param {Conditions} conditions
 * @returns {Promise<ComparisonResult>}
 */
export async function compare({ id, title, baseline, subjects }, conditions) {
  const { site, connections, say } = conditions;
  /** @type {RunningSubject[]} */
  const running = [];
  try {
    for (const subject of [baseline, ...subjects]) running.push(await subject.start(site));
    for (const subject of running) await warmUp(subject, conditions);
    /** @type {ComparedAt[]} */
    const rows = [];
    for (const count of connections) {
      say(`${id}: ${count} connection${count === 1 ? '' : 's'}`);
      const [base = [], ...others] = await playRounds(running, count, conditions);
      rows.push(...others.map((samples, i) => toRow(subjects[i]?.title ?? '', count, { base, samples })));
    }
    return { id, title, baseline: baseline.title, rows };
  } finally {
    for (const subject of running.toReversed()) await subject.stop();
  }
}

/**
 * @param {RunningSubject} subject
 * @param {Conditions} conditions
 */
async function warmUp({ url, request }, { loader, ms }) {
  const plan = {
    url,
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
        await sample(subject, connections, conditions).catch((cause) => {
          throw new Error(`${connections} connections to ${subject.url}: ${cause.message}`, { cause });
        }),
      );
    }
  }
  return samples;
}

/**
 * One run. That every answer is a call that reached the tool (or, for replays, that none is) is read off the upstream.
 * @param {RunningSubject} subject
 * @param {number} connections
 * @param {Conditions} conditions
 * @returns {Promise<Sample>}
 */
async function sample(subject, connections, { site, loader, ms }) {
  const callsBefore = await upstreamCalls(site);
  const before = [cpuMicroseconds(loader.pid), cpuMicroseconds(subject.pid)];
  const { url, request } = subject;
  const result = await loader.run({ url, request, connections, warmupMs: WARMUP_MS, ms });
  const after = [cpuMicroseconds(loader.pid), cpuMicroseconds(subject.pid)];
  const answers = result.answers + result.unmeasured;
  const calls = (await upstreamCalls(site)) - callsBefore;
  if (calls !== answers * subject.upstreamCalls) {
    throw new Error(`${answers} answers of ${url} stand for ${calls} calls of the upstream`);
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
