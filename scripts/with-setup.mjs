// Runs a command of this repository with everything it needs in place:
//   node scripts/with-setup.mjs [--no-build] <command> [args...]
// Needs only Node (20 or newer) and npm. Sets up, once and again only when something changed: pnpm, the packages
// of the lockfile (Node 24 among them, for machines with an older one), and the build. Works without network after that.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const pnpmVersion = packageManager.split('@')[1];

requireNode(20);
const pnpm = installPnpm();
const env = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: '1',
  PATH: [
    join(root, 'node_modules', '.bin'),
    join(dirname(dirname(dirname(pnpm))), '.bin'),
    process.env.PATH,
  ].join(delimiter),
};
installPackages();
const args = process.argv.slice(2);
const builds = args[0] !== '--no-build';
if (builds) build();
run(builds ? args : args.slice(1));

function requireNode(major) {
  if (Number(process.versions.node.split('.')[0]) < major) {
    fail(`Node ${process.versions.node} is too old: install Node ${major} or newer.`);
  }
}

/** pnpm of exactly the pinned version, in a folder of this checkout. @returns {string} its entry file */
function installPnpm() {
  const home = join(root, '.tools', `pnpm-${pnpmVersion}`);
  const bin = join(home, 'node_modules', 'pnpm', 'bin', 'pnpm.mjs');
  if (existsSync(bin)) return bin;
  say(`installing pnpm ${pnpmVersion}`);
  mkdirSync(home, { recursive: true });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = [
    'install',
    '--prefix',
    home,
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `pnpm@${pnpmVersion}`,
  ];
  must(npm, args, { cwd: home, env: process.env, shell: process.platform === 'win32' });
  return bin;
}

/** The packages of the lockfile; skipped while lockfile and manifests are those of the last installation. */
function installPackages() {
  const manifests = ['package.json', 'pnpm-workspace.yaml', 'pnpm-lock.yaml', ...workspaceManifests()];
  const hash = createHash('sha256');
  for (const file of manifests) hash.update(file).update(readFileSync(join(root, file)));
  const stampFile = join(root, 'node_modules', '.setup-stamp');
  const stamp = hash.digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  say('installing the packages of the lockfile (the first time takes a minute or two)');
  must(process.execPath, [pnpm, 'install', '--frozen-lockfile', '--reporter=silent']);
  writeFileSync(stampFile, stamp);
}

function workspaceManifests() {
  const folders = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}`),
  );
  return [...folders, 'demo', 'bench', 'test']
    .map((f) => `${f}/package.json`)
    .filter((f) => existsSync(join(root, f)));
}

function build() {
  must(process.execPath, [pnpm, 'run', '--silent', 'build']);
}

/** Hands over to the command: its output, its signals, its exit code. */
function run([command, ...args]) {
  if (command === undefined) return;
  const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) =>
    fail(
      error.code === 'ENOENT'
        ? `there is no command ${command}: node scripts/with-setup.mjs [--no-build] <command> [args...]`
        : `${command}: ${error.message}`,
    ),
  );
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

function must(command, args, options = {}) {
  const quiet = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: options.env ?? env,
    ...options,
  });
  if (quiet.status === 0) return;
  process.stderr.write(`${quiet.stdout ?? ''}${quiet.stderr ?? ''}\n`);
  fail(`${[command, ...args].join(' ')} failed${quiet.error ? `: ${quiet.error.message}` : ''}`);
}

function say(what) {
  process.stderr.write(`setup: ${what}\n`);
}

function fail(what) {
  process.stderr.write(`setup: ${what}\n`);
  process.exit(1);
}
