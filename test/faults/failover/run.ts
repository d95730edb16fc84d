import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { roundsFile } from '../report/rounds-file.js';
import { commitName, machineSentence } from '../report/surroundings.js';
import { patroniVersion, takesLeadBack } from './patroni-version.js';
import { FAILOVER_MODES, playFailovers, type FailoverResult } from './play-failovers.js';
import { findPrograms } from './processes.js';
import { toFailoverReport, type RecordedFailovers } from './report.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FOLDER = join(ROOT, 'faults');
const FINDINGS = join(ROOT, '.invoke', 'faults');
const RUNS = roundsFile<RecordedFailovers>(join(FOLDER, 'failover.jsonl'));
const USAGE = `Kills the leader of three Postgres servers under Patroni again and again; writes faults/FAILOVER.md.
What it needs: docs/operations.md#failover-by-hand-patroni-and-etcd-on-debian

npm run failover -- [--mode ${FAILOVER_MODES.join('|')}|all] [--kills 3] [--gateways 2] [--rate 10] [--seed 1]`;

const OPTIONS = {
  mode: { type: 'string', default: 'all' },
  kills: { type: 'string', default: '3' },
  gateways: { type: 'string', default: '2' },
  rate: { type: 'string', default: '10' },
  seed: { type: 'string', default: '1' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

// What runs is ended in order also where we are.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

const code = await run()
  .then((good) => (good ? 0 : 1))
  .catch((error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    return 2;
  });
// The library of the embedded Postgres would end the process with 0 whatever `exitCode` says.
process.stdout.write('', () => process.exit(code));

async function run(): Promise<boolean> {
  const parsed = parseOptions();
  if (parsed === 'help') {
    process.stdout.write(`${USAGE}\n`);
    return true;
  }
  const { modes, ...options } = parsed;
  findPrograms();
  const commit = commitName();
  const patroni = patroniVersion();
  let good = true;
  for (const mode of modes) {
    if (mode === 'frozen' && takesLeadBack(patroni))
      say(
        `Patroni ${patroni} lets a leader that has slept take the lead back: expect losses. 3.0.3 or newer does not`,
      );
    const name = `failover-${mode}-${options.seed}`;
    const result = await playFailovers({
      ...options,
      mode,
      say,
      onJudged: (found, evidence, log) => void keep(name, { found, ...evidence, log }),
    });
    say(describe(result));
    for (const line of result.probe.lostFrom ?? []) say(`  lost by the probe: ${line}`);
    for (const { kind, text } of result.violations.slice(0, 10)) say(`  ${kind}: ${text}`);
    const lost = mode === 'asynchronous' ? 0 : result.probe.lost + result.log.acknowledged_write_lost;
    good &&= result.violations.length === 0 && lost === 0;
    await record({ date: new Date().toISOString().slice(0, 16), commit, patroni, ...result });
  }
  return good;
}

function parseOptions() {
  const values = readArguments();
  if (values.help) return 'help' as const;
  const { mode } = values;
  const modes = FAILOVER_MODES.filter((m) => mode === m || mode === 'all');
  const [kills = 0, gateways = 0, rate = 0, seed = 0] = [
    values.kills,
    values.gateways,
    values.rate,
    values.seed,
  ].map(Number);
  const wrong = [kills, gateways, rate, seed].some((n) => !Number.isInteger(n) || n < 1);
  if (modes.length === 0) throw new Error(`--mode: one of ${FAILOVER_MODES.join(', ')}, all\n\n${USAGE}`);
  if (wrong) throw new Error(`--kills, --gateways, --rate, --seed: whole numbers of at least 1\n\n${USAGE}`);
  return { modes, kills, gateways, rate, seed };
}

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, {
      cause: error,
    });
  }
}

/** The last run of each mode is what is told. */
async function record(line: RecordedFailovers): Promise<void> {
  const others = (await RUNS.all()).filter((run) => run.mode !== line.mode);
  await RUNS.clear();
  const order = (run: RecordedFailovers) => FAILOVER_MODES.indexOf(run.mode);
  const runs = [...others, line].toSorted((a, b) => order(a) - order(b));
  for (const run of runs) await RUNS.append(run);
  await writeFile(join(FOLDER, 'FAILOVER.md'), toFailoverReport(runs, machineSentence()));
}

async function keep(name: string, evidence: object): Promise<void> {
  await mkdir(FINDINGS, { recursive: true });
  await writeFile(join(FINDINGS, `${name}.json`), JSON.stringify(evidence));
}

function describe({ mode, executions, kills, probe, log, violations }: FailoverResult): string {
  return (
    `${mode}: ${executions} executions, ${kills.length} leaders killed or frozen, callers told of no outcome for ` +
    `${kills.map((k) => `${k.callersOutage} s`).join(', ')}; probe: ${probe.lost} of ${probe.acknowledged} acknowledged rows lost; ` +
    `acknowledged_write_lost ${log.acknowledged_write_lost} times; ${violations.length} violations`
  );
}

function say(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}
