// The benchmark: `npm run bench`, or `node bench/run.mjs` where everything is installed and built.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ChildFailed, createChildren, tailOf } from '../demo/stage/children.mjs';
import { EXPERIMENTS } from './experiments.mjs';
import { describeMachine } from './machine.mjs';
import { HELP, parseOptions } from './options.mjs';
import { READY, startLoader, startProcess, subjectFile } from './processes.mjs';
import { toText } from './report.mjs';
import { keepSection } from './results.mjs';
/** @import { Conditions } from './compare.mjs' */
/** @import { Options } from './options.mjs' */
/** @import { Loader } from './processes.mjs' */
/** @import { Machine, Section, Site } from './types.ts' */

const BENCH = dirname(fileURLToPath(import.meta.url));
const ROOT = dirname(BENCH);
/** The end of a process is noticed this soon after its connections were cut. */
const NOTICED_WITHIN_MS = 200;
/** What is under way without any process (a store being filled, say) ends no later than this after an interruption. */
const CLEARED_AWAY_WITHIN_MS = 5_000;
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
      void children.stopAll().then(() => setTimeout(end, CLEARED_AWAY_WITHIN_MS, EXIT.interrupted).unref());
    });
  }
  try {
    const section = await measure(options, { dir, gatewayMain, children, loader });
    present(section, options);
    const missed = section.targets.some((t) => t.met === false);
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
 * @returns {Promise<Section>}
 */
async function measure(options, { dir, gatewayMain, children, loader }) {
  const from = performance.now();
  const start = (/** @type {import('./types.ts').ProcessPlan} */ plan) => startProcess(children, dir, plan);
  const machine = describeMachine(dir);
  if (machine.loadBefore > machine.cores * BUSY) {
    say(`the machine is busy (load average ${machine.loadBefore.toFixed(1)}): do not trust the figures`);
  }
  const upstream = await start({ name: 'upstream', args: [subjectFile('echo-upstream.mjs')], ready: READY });
  const apiKey = `inv_bench_${randomBytes(16).toString('hex')}`;
  /** @type {Site} */
  const site = { dir, upstreamUrl: upstream.url, upstreamPid: upstream.pid, apiKey, gatewayMain, start };
  const { seconds, rounds, connections } = options;
  /** @type {Conditions} */
  const conditions = { site, loader, connections, rounds, ms: seconds * 1000, cores: machine.cores, say };
  const finding = await EXPERIMENTS[options.experiment]({ options, conditions });
  return { ...finding, ...circumstances(machine, performance.now() - from) };
}

/** @param {Machine} machine @param {number} ms */
function circumstances(machine, ms) {
  return {
    command: ['npm run bench', ...(process.argv.length > 2 ? ['--'] : []), ...process.argv.slice(2)].join(
      ' ',
    ),
    date: new Date().toISOString().slice(0, 10),
    minutes: Math.max(1, Math.round(ms / 60_000)),
    machine,
  };
}

/** @param {Section} section @param {Options} options */
function present(section, { json, keep }) {
  process.stdout.write(json ? `${JSON.stringify(section, null, 2)}\n` : `\n${toText(section)}\n`);
  if (!keep) return;
  keepSection(BENCH, section);
  say('kept in bench/results, and bench/RESULTS.md is written anew');
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
