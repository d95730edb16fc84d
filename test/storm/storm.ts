import { writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { raiseStorm, type StormPlan, type Weathered } from './support/raise-storm.js';

/** `npm run storm`: very many callers with one key at once. Ends with 1 where anything but the promise was seen. */
const USAGE = `Very many callers with one idempotency key at once, on Postgres and on SQLite (about 2 minutes).

npm run storm [-- --callers 1000]

With 1,000 callers or more, faults/STORM.md is written anew. STORM_CALLERS is taken as well.`;

const CALLERS = readCallers();
const RESULTS = new URL('../../faults/STORM.md', import.meta.url);

const PLANS: readonly StormPlan[] = (['postgres', 'sqlite'] as const).flatMap((store) =>
  [false, true].map((others) => ({
    store,
    gateways: store === 'postgres' ? 3 : 1,
    callers: CALLERS,
    others,
    holdMs: 1_500,
  })),
);

const HEAD = ['store', 'gateways', 'callers', 'params', 'answers seen', 'effects', 'distinct', 'seconds', ''];

function toRow({ plan, seen, effects, answers, seconds, wrong }: Weathered): readonly string[] {
  return [
    plan.store,
    String(plan.gateways),
    String(plan.callers),
    plan.others ? 'half other' : 'the same',
    [...seen].map(([status, times]) => `${times} x ${status}`).join(', '),
    String(effects),
    String(answers),
    seconds.toFixed(1),
    wrong.length === 0 ? 'kept' : 'BROKEN',
  ];
}

/** Ends the process where help is asked for, or the command line is wrong. */
function readCallers(): number {
  let values: { readonly callers?: string | undefined; readonly help?: boolean | undefined } = {};
  try {
    values = parseArgs({
      options: { callers: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    }).values;
  } catch (error) {
    wrongUsage(error instanceof Error ? error.message : String(error));
  }
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const text = values.callers ?? process.env['STORM_CALLERS'] ?? '1000';
  if (!/^[1-9]\d{0,5}$/.test(text)) wrongUsage(`--callers: expected a whole number from 1, got "${text}"`);
  return Number(text);
}

function wrongUsage(message: string): never {
  process.stderr.write(`${message}\n\n${USAGE}\n`);
  process.exit(2);
}

/** As prettier would write it. */
function toTable(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, i) => Math.max(3, ...[HEAD, ...rows].map((row) => row[i]?.length ?? 0)));
  const toLine = (row: readonly string[]) => `| ${row.map((c, i) => c.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [HEAD, widths.map((width) => '-'.repeat(width)), ...rows].map(toLine).join('\n');
}

function toPage(table: string): string {
  const machine = `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${release()} ${arch()}, Node ${process.version}`;
  return [
    '# The storm',
    'Very many callers with one idempotency key, all at the same instant, each over a connection of its own, in one process beside the gateways. Half of them ask to wait for the answer (`Prefer: wait`), the others are told to come again (409 with `Retry-After`) and do so until they are answered. The tool, in a process of its own, counts what it does and honours no key. "Distinct" counts the different answers, byte by byte but for the mark of a replay, of those who asked for what was done; whoever asked for something else under the same key gets 422.',
    `Run on ${new Date().toISOString().slice(0, 10)} by \`npm run storm\`, on ${machine}; all processes share that machine.`,
    table,
  ].join('\n\n');
}

const weathered: Weathered[] = [];
for (const plan of PLANS) weathered.push(await raiseStorm(plan));
const table = toTable(weathered.map(toRow));
const wrong = weathered.flatMap((storm) => [...new Set(storm.wrong)].slice(0, 10));
process.stdout.write(`${table}\n${wrong.map((line) => `${line}\n`).join('')}`);
if (wrong.length === 0 && CALLERS >= 1_000) writeFileSync(RESULTS, `${toPage(table)}\n`);
// The library of the embedded Postgres would end the process with 0 whatever `exitCode` says.
process.stdout.write('', () => process.exit(wrong.length === 0 ? 0 : 1));
