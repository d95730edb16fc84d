import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '@invoke/testkit/stores';
import { playAblations } from './chaos/play-ablations.js';
import { chaosProfile } from './chaos/profiles.js';
import { playRound, type RoundResult } from './chaos/round.js';
import type { Evidence } from './kit/evidence.js';
import type { Violation } from './kit/judge.js';
import { parseOptions, USAGE, type RunOptions } from './options.js';
import { toReport, type RecordedAblation, type RecordedRound } from './report/report.js';
import { roundsFile } from './report/rounds-file.js';
import { commitName, machineSentence } from './report/surroundings.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, 'faults');
/** Of rounds in which something was found: everything that the judge looked at. */
const FINDINGS = join(ROOT, '.invoke', 'faults');
const ROUNDS = {
  postgres: roundsFile<RecordedRound>(join(FOLDER, 'rounds-postgres.jsonl')),
  sqlite: roundsFile<RecordedRound>(join(FOLDER, 'rounds-sqlite.jsonl')),
};
const ABLATIONS = roundsFile<RecordedAblation>(join(FOLDER, 'ablations.jsonl'));
/** The seeds of one run's rounds are this far from those of the next. */
const SEEDS = 1_000;

const controller = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (controller.signal.aborted) process.exit(130);
    say('the round under way ends early and is judged; once more ends at once');
    controller.abort();
  });
}

const code = await run();
// The library of the embedded Postgres would end the process with 0 whatever `exitCode` says.
process.stdout.write('', () => process.exit(code));

/** 0: nothing was found. */
async function run(): Promise<0 | 1 | 2> {
  const options = readOptions();
  if (options === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (options === null) return 2;
  try {
    const good = options.ablations ? await runAblations(options) : await runChaos(options);
    return good ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 2;
  }
}

/** @returns null where they cannot be used, and it was said why */
function readOptions(): RunOptions | 'help' | null {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return null;
  }
}

async function runChaos(options: RunOptions): Promise<boolean> {
  const { store, mode, gateways, seed, minutes, roundSeconds } = options;
  const recorded = mode === 'fenced' ? ROUNDS[store] : null;
  if (!options.resume) await recorded?.clear();
  const before = (await recorded?.all()) ?? [];
  let seconds = before.reduce((total, round) => total + round.seconds, 0);
  let violations = 0;
  await using postgres = store === 'postgres' ? await startPostgres({ max_connections: '100' }) : null;
  for (let n = before.length; seconds < minutes * 60 && !controller.signal.aborted; n += 1) {
    const roundSeed = seed * SEEDS + n;
    const profile = chaosProfile(store, roundSeconds * 1_000, options.rate);
    const round = await playRound({
      postgres,
      gateways,
      mode,
      seed: roundSeed,
      profile,
      minimums: {
        completed: roundSeconds,
        takeovers: Math.floor(roundSeconds / 10),
        shares: { completed: 0.5, reconciled: 0.04 },
      },
      signal: controller.signal,
      onJudged: (found, evidence) => void keepFindings(`${store}-${mode}-${roundSeed}`, found, evidence),
    });
    seconds += round.seconds;
    violations += round.violations.length;
    say(describe(round, n, seconds));
    for (const { kind, text } of round.violations.slice(0, 10)) say(`  ${kind}: ${text}`);
    if (recorded === null) continue;
    await recorded.append({ date: new Date().toISOString().slice(0, 16), commit: commitName(), ...round });
    await writeReport();
  }
  say(violations === 0 ? 'nothing was found' : `${violations} violations`);
  return violations === 0;
}

async function runAblations({ seed }: RunOptions): Promise<boolean> {
  await ABLATIONS.clear();
  let good = true;
  for await (const ablation of playAblations({ seed, signal: controller.signal, say })) {
    good &&= ablation.caughtAfter !== null && ablation.control.violations === 0;
    await ABLATIONS.append(ablation);
    await writeReport();
  }
  return good;
}

function describe(round: RoundResult, n: number, seconds: number): string {
  const { executions, completed, needsReview, kills, pauses, databaseCrashes, partitions, takeovers } = round;
  return (
    `${round.store} round ${n + 1} (seed ${round.seed}), ${(seconds / 60).toFixed(1)} min in all: ${executions} executions, ` +
    `${completed} completed, ${needsReview} for people, ${kills} kills, ${pauses} pauses, ${databaseCrashes} database crashes, ` +
    `${partitions} lines cut, ${takeovers} taken over, settled in ${round.settleSeconds.toFixed(1)} s, longest stall ${round.longestStallMs} ms, ${round.violations.length} violations`
  );
}

async function keepFindings(name: string, found: readonly Violation[], evidence: Evidence): Promise<void> {
  if (found.length === 0) return;
  await mkdir(FINDINGS, { recursive: true });
  await writeFile(join(FINDINGS, `${name}.json`), JSON.stringify({ found, ...evidence }));
}

/** Two runs at once, over two stores, write the same report from the same files. */
async function writeReport(): Promise<void> {
  const rounds = [...(await ROUNDS.postgres.all()), ...(await ROUNDS.sqlite.all())];
  const text = toReport({ rounds, ablations: await ABLATIONS.all(), machine: machineSentence() });
  const path = join(FOLDER, 'RESULTS.md');
  if ((await readFile(path, 'utf8').catch(() => '')) !== text) await writeFile(path, text);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
