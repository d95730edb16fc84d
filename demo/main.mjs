// The demo: `./demo/run_demo.sh`, or `node demo/main.mjs` where everything is installed and built.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseScenes, HELP, parseOptions } from './options.mjs';
import { playScene } from './play-scene.mjs';
import { createLook } from './render/paint.mjs';
import { renderOpening, renderScene } from './render/scene.mjs';
import { renderSummary } from './render/summary.mjs';
import { createScenes } from './scenes/index.mjs';
import { ChildFailed, tailOf } from './stage/children.mjs';
import { createStage } from './stage/stage.mjs';
/** @import { Options } from './options.mjs' */
/** @import { Scene, SceneReport } from './types.ts' */

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 };

const parsed = parseOptions(process.argv.slice(2), process.env);
if (parsed.kind === 'bad') endWithUsage(parsed.message);
else if (parsed.options.help) process.stdout.write(HELP);
else await main(parsed.options);

/** @param {Options} options */
async function main(options) {
  const scenes = createScenes(options);
  if (options.list) {
    const width = Math.max(...scenes.map((s) => s.id.length));
    const lines = scenes.map((s) => `${s.id.padEnd(width)}  ${s.title}\n`);
    process.stdout.write(lines.join(''));
    return;
  }
  const choice = chooseScenes(scenes, options.scenes);
  if (choice.kind === 'bad') return endWithUsage(choice.message);
  const gatewayMain = resolve(options.gateway ?? join(ROOT, 'apps', 'gateway', 'dist', 'main.js'));
  if (!existsSync(gatewayMain)) {
    return endWithUsage(`there is no ${relative(process.cwd(), gatewayMain)}; npm run demo builds it`);
  }
  process.exitCode = EXIT[await play(choice.chosen, { gatewayMain, json: options.json })];
}

/**
 * Plays on a stage that is always cleared away: at the end, on a crash, and on Ctrl-C.
 * @param {readonly Scene[]} scenes
 * @param {{ readonly gatewayMain: string, readonly json: boolean }} how
 * @returns {Promise<'ok' | 'failed' | 'interrupted'>}
 */
async function play(scenes, { gatewayMain, json }) {
  const started = performance.now();
  const look = createLook(process.stdout);
  /** @param {string} text */
  const show = (text) => void (json || process.stdout.write(`${text}\n`));
  const stage = createStage({ gatewayMain });
  let interrupted = false;
  process.on('exit', stage.closeNow);
  process.stdout.on('error', () => process.exit(EXIT.failed)); // nobody reads any more: `| head`
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      interrupted = true;
      void stage.close().finally(() => process.exit(EXIT.interrupted));
    });
  }
  /** @type {SceneReport[]} */
  const reports = [];
  try {
    show(look.style('The same failures twice: straight at the tools, and through Invoke.', 'bold'));
    const servers = await stage.start();
    for (const scene of scenes) {
      show(renderOpening(look, scene, reports.length + 1));
      const report = await Promise.race([playScene(scene, { stage, servers }), stage.failed()]);
      reports.push(report);
      show(renderScene(look, report));
    }
  } catch (error) {
    const cause = await stage.causeOf(error);
    if (interrupted) return 'interrupted';
    tellFailure(cause);
    return 'failed';
  } finally {
    await stage.close();
  }
  const ms = Math.round(performance.now() - started);
  const ok = reports.every((r) => r.ok);
  show(renderSummary(look, reports, ms));
  if (json) process.stdout.write(`${JSON.stringify({ ok, ms, scenes: reports }, null, 2)}\n`);
  return ok ? 'ok' : 'failed';
}

/**
 * What broke the demo, and the end of the log of the process that did; the whole log is kept.
 * @param {unknown} error
 */
function tellFailure(error) {
  /** @param {string} text */
  const say = (text) => process.stderr.write(`${text}\n`);
  if (!(error instanceof ChildFailed)) {
    say(`demo: ${error instanceof Error ? error.stack : String(error)}`);
    return;
  }
  say(`demo: ${error.message}`);
  const kept = join('logs', 'demo', `${error.childName}.log`);
  mkdirSync(dirname(kept), { recursive: true });
  copyFileSync(error.logFile, kept);
  for (const line of tailOf(kept, 15)) say(`  | ${line}`);
  say(`demo: its whole log is in ${kept}`);
}

/** @param {string} message */
function endWithUsage(message) {
  process.stderr.write(`demo: ${message}\n`);
  process.exitCode = EXIT.usage;
}
