// The benchmark: `npm run bench`, or `node bench/run.mjs` where everything is installed and built.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ChildFailed, createChildren, tailOf } from '../demo/stage/children.mjs';
import { compare } from './compare.mjs';
import { COMPARISONS, DECISION, START } from './comparisons.mjs';
import { measureDecision } from './decision.mjs';
import { KEY_PLACEHOLDER } from './load/request-bytes.mjs';
import { describeMachine } from './machine.mjs';
import { measureStart } from './measure-start.mjs';
import { HELP, parseOptions } from './options.mjs';
import { cpuMicroseconds, READY, startLoader, startProcess, subjectFile } from './processes.mjs';
import { toMarkdown, toTables, toText } from './report.mjs';
import { judgeTargets } from './targets.mjs';
/** @import { Options } from './options.mjs' */
/** @import { Loader } from './processes.mjs' */
/** @import { BenchResult, Ceiling, Site } from './types.ts' */

const BENCH = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(BENCH);
/** The end of a process is noticed this soon after its connections were cut. */
const NOTICED_WITHIN_MS = 200;
/** From this load per core on, something else is running. */
const BUSY = 0.5;
const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 };

const parsed = parseOptions(process.argv.slice(2));
if (parsed.kind === 'bad') end(wrongUsage(parsed.message));
else if (parsed.options.help) process.stdout.write(HELP);
else end(await main(parsed.options));

/** @param {Options} options @returns {Promise<number>} The exit code. */
async function main(options) {
  const gatewayMain = resolve(options.gateway ?? join(ROOT, 'apps', 'gateway', 'dist', 'main.js'));
  if (!existsSync(gatewayMain)) {
    return wrongUsage(`there is no ${relative(process.cwd(), gatewayMain)}; npm run bench builds it`);
  }
  /* Not the system's temporary folder: that may be in memory, where a flush costs nothing. */
  mkdirSync(join(ROOT, '.invoke'), { recursive: true });
  const dir = mkdtempSync(join(ROOT, '.invoke', 'bench-'));
  const children = createChildren(dir);
  const loader = startLoader();
  process.on('exit', () => {
    children.killAll();
    loader.stop();
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  });
  let interrupted = false;
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    /* Without its processes whatever is under way fails, and each part clears away what it has started. */
    process.on(signal, () => {
      interrupted = true;
      loader.stop();
      void children.stopAll();
    });
  }
  try {
    const result = await measure(options, { dir, gatewayMain, children, loader });
    present(result, options);
    const missed = result.targets.some((t) => !t.met);
    return options.strict && missed ? EXIT.failed : EXIT.ok;
  } catch (error) {
    await sleep(NOTICED_WITHIN_MS);
    if (!interrupted) tellFailure(children.failures[0] ?? error);
    return interrupted ? EXIT.interrupted : EXIT.failed;
  } finally {
    await children.stopAll();
    loader.stop();
  }
}

/**
 * @param {Options} options
 * @param {{ readonly dir: string, readonly gatewayMain: string, readonly children: import('../demo/stage/children.mjs').Children, readonly loader: Loader }} tools
 * @returns {Promise<BenchResult>}
 */
async function measure(options, { dir, gatewayMain, children, loader }) {
  const { seconds, rounds, connections, only, quick } = options;
  const start = (/** @type {import('./types.ts').ProcessPlan} */ plan) => startProcess(children, dir, plan);
  const upstream = await start({ name: 'upstream', args: [subjectFile('echo-upstream.mjs')], ready: READY });
  const apiKey = `inv_bench_${randomBytes(16).toString('hex')}`;
  /** @type {Site} */
  const site = { dir, upstreamUrl: upstream.url, apiKey, gatewayMain, start };
  const ms = seconds * 1000;
  /** @param {string} id */
  const wanted = (id) => only.length === 0 || only.includes(id);
  const machine = describeMachine(dir);
  if (machine.loadBefore > machine.cores * BUSY) {
    say(`the machine is busy (load average ${machine.loadBefore.toFixed(1)}): do not trust the figures`);
  }
  const ceiling = await measureCeiling(site, { loader, connections, ms });
  const comparisons = [];
  for (const comparison of COMPARISONS.filter((c) => wanted(c.id))) {
    comparisons.push(await compare(comparison, { site, loader, connections, rounds, ms, say }));
  }
  const started = wanted(START) ? await measureStart(site, options) : null;
  const decision = wanted(DECISION) ? await measureDecision({ quick }) : [];
  return {
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench', ...process.argv.slice(2)].join(' '),
    seconds,
    rounds,
    machine,
    ceiling,
    comparisons,
    start: started,
    decision,
    targets: judgeTargets(comparisons, started, decision),
  };
}

/**
 * What the load generator could ask for: its figures with nothing between it and the upstream.
 * @param {Site} site
 * @param {{ readonly loader: Loader, readonly connections: readonly number[], readonly ms: number }} conditions
 * @returns {Promise<Ceiling[]>}
 */
async function measureCeiling({ upstreamUrl: url }, { loader, connections, ms }) {
  say('load generator alone');
  const request = {
    path: '/',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ idempotency_key: KEY_PLACEHOLDER }),
    expect: { status: 200, text: '"ok":true' },
  };
  /** @type {Ceiling[]} */
  const rows = [];
  for (const count of connections) {
    const before = cpuMicroseconds(loader.pid);
    const result = await loader.run({ url, request, connections: count, warmupMs: ms / 2, ms });
    const after = cpuMicroseconds(loader.pid);
    const answers = result.answers + result.unmeasured;
    const loaderCpu = before === null || after === null ? null : (after - before) / answers;
    rows.push({ connections: count, perSecond: result.perSecond, loaderCpu });
  }
  return rows;
}

/** @param {BenchResult} result @param {Options} options */
function present(result, { json, quick, only, gateway, connections }) {
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : `\n${toText(toTables(result))}\n`);
  if (quick || only.length > 0 || gateway !== null || connections.length < 3) return;
  writeFileSync(join(BENCH, 'RESULTS.md'), toMarkdown(result));
  say('written to bench/RESULTS.md');
}

/** @param {unknown} error */
function tellFailure(error) {
  say(error instanceof Error ? String(error.stack) : String(error));
  if (error instanceof ChildFailed) say(tailOf(error.logFile, 15).join('\n'));
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`bench: ${text}\n`);
}

/** @param {string} message */
function wrongUsage(message) {
  say(message);
  return EXIT.usage;
}

/**
 * Ends at once, when all is written: see startPostgres for why process.exitCode would not do.
 * @param {number} code
 */
function end(code) {
  process.stdout.write('', () => process.exit(code));
}
