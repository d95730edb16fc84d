// Everything that is checked here, as one command: `npm test`. Names as arguments run only these:
//   npm test -- lint arch          (build, types, lint, format, arch, dead, docs, packed, tests)
// Each check counts as one, each test as one. What passes says so in a line, what fails says everything; nothing is left out
// because something else failed. The last line is always "N passed, N failed".
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const { scripts } = readJson('package.json');
const env = {
  ...process.env,
  NO_COLOR: '1',
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
};
delete env.FORCE_COLOR;
/** At once: as many as the smallest machine has cores. */
const WORKERS = 2;
const CHECK_LIMIT_MS = 240_000;
const TESTS_LIMIT_MS = 525_000;

const NAMES = 'build, types, lint, format, arch, dead, docs, packed, tests';
const wanted = process.argv.slice(2);
if (wanted.includes('--help') || wanted.includes('-h')) {
  console.log(`npm test            everything, about 7 minutes\nnpm test -- <names>  only these: ${NAMES}`);
  process.exit(0);
}
const counts = { passed: 0, failed: 0 };
const children = new Set();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));

if (isWanted('build')) report('build', await run(`${scripts.build} --continue`, CHECK_LIMIT_MS));
await runChecks(checks().filter(({ name }) => isWanted(name)));
if (isWanted('tests')) await runTests();
if (counts.passed + counts.failed === 0)
  report('nothing was run', {
    ok: false,
    output: `there is no check named ${wanted.join(' or ')}; there are ${NAMES}`,
  });
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 ? 1 : 0;

/** The commands are those of package.json. */
function checks() {
  return [
    { name: 'types', command: `${scripts.typecheck} --continue` },
    { name: 'lint', command: scripts.lint },
    { name: 'format', command: scripts['format:check'] },
    { name: 'arch', command: scripts.arch },
    { name: 'dead', command: scripts.dead },
    { name: 'docs', command: `${scripts.docs} --check` },
    ...publishedPackages().map((folder) => ({
      name: `packed ${folder}`,
      command: `node scripts/check-package.mjs ${folder}`,
    })),
  ];
}

function publishedPackages() {
  return ['packages', 'apps']
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((folder) => readJson(`${folder}/package.json`).private !== true);
}

async function runChecks(queue) {
  const worker = async () => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      report(check.name, await run(check.command, CHECK_LIMIT_MS));
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
}

/** The tests have the machine to themselves: some measure time. */
async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'invoke-tests-'));
  const file = join(folder, 'report.json');
  const reporters = `--reporter=dot --reporter=json --outputFile.json="${file}"`;
  const ran = await run(`vitest run ${reporters}`, TESTS_LIMIT_MS);
  const result = countTests(file);
  rmSync(folder, { recursive: true, force: true });
  const ok = ran.ok && result.failed === 0 && result.passed > 0;
  counts.passed += result.passed;
  counts.failed += result.failed;
  // A run that broke off, or in which something failed outside of every test, must not look like one that passed.
  if (!ok && result.failed === 0) counts.failed += 1;
  const skipped = result.skipped > 0 ? `, ${result.skipped} skipped` : '';
  say('tests', { ...ran, ok }, `${result.passed} passed, ${result.failed} failed${skipped}`);
}

/** A file that could not be run counts as one failure. */
function countTests(file) {
  let files;
  try {
    files = JSON.parse(readFileSync(file, 'utf8')).testResults;
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
  const result = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, assertionResults } of files) {
    const failed = assertionResults.filter((test) => test.status === 'failed').length;
    const passed = assertionResults.filter((test) => test.status === 'passed').length;
    result.passed += passed;
    result.failed += status === 'failed' ? Math.max(1, failed) : failed;
    result.skipped += assertionResults.length - passed - failed;
  }
  return result;
}

function report(name, result) {
  counts[result.ok ? 'passed' : 'failed'] += 1;
  say(name, result);
}

function say(name, { ok, output, ms = 0 }, more = '') {
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name}${more && `: ${more}`} (${(ms / 1000).toFixed(1)} s)`);
  if (!ok) console.log(output.trimEnd().replaceAll(/^/gm, '      '));
}

/** Runs a command line to its end, or ends it with all that it has started when its time is over. */
function run(command, limitMs) {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(command, {
      cwd: root,
      env,
      shell: true,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    const timer = setTimeout(() => {
      output += `\nnot done after ${limitMs / 1000} s: ended`;
      kill(child, 'SIGKILL');
    }, limitMs);
    const end = (code) => {
      clearTimeout(timer);
      children.delete(child);
      resolve({ ok: code === 0, output, ms: performance.now() - started });
    };
    child.on('error', (error) => {
      output += error.message;
      end(1);
    });
    child.on('close', end);
  });
}

function stop(signal) {
  for (const child of children) kill(child, 'SIGKILL');
  console.log(`${counts.passed} passed, ${counts.failed + 1} failed`);
  process.exit(signal === 'SIGINT' ? 130 : 1);
}

function kill(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}

function isWanted(name) {
  return wanted.length === 0 || wanted.some((word) => name === word || name.startsWith(`${word} `));
}

function readJson(file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'));
}
