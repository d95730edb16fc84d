// Judges one package as its users will get it: packed, with the exports of publishConfig.
//   node scripts/check-package.mjs packages/core
// publint and attw ("are the types wrong") read the packed form, and its declarations may import only what an installation
// brings along. Ends with 1 and says what is wrong. The package must have been built.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const folder = resolve(process.argv[2] ?? '.');
const work = mkdtempSync(join(tmpdir(), 'invoke-package-'));
try {
  const problems = checkPackage();
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  rmSync(work, { recursive: true, force: true });
}

function checkPackage() {
  const packing = run('pnpm', ['pack', '--pack-destination', work], folder);
  const name = readdirSync(work).find((file) => file.endsWith('.tgz'));
  if (!packing.ok || name === undefined) return [packing.output];
  const tarball = join(work, name);
  const unpacking = run('tar', ['-xzf', name], work);
  if (!unpacking.ok) return [unpacking.output];
  const manifest = JSON.parse(readFileSync(join(work, 'package', 'package.json'), 'utf8'));
  const tools = [run('publint', ['run', tarball, '--strict'], work)];
  if (manifest.exports !== undefined) tools.push(run('attw', attwOptions(tarball, manifest), work));
  return [
    ...tools.filter(({ ok }) => !ok).map(({ output }) => output),
    ...undeclaredTypes(manifest),
    ...leftovers(manifest),
  ];
}

/** With a `require` form it is judged by both module systems, without one for ES modules only. */
function attwOptions(tarball, { exports }) {
  const dual = Object.values(exports).some((entry) => entry.require !== undefined);
  const profile = dual ? 'node16' : 'esm-only';
  return [
    tarball,
    '--profile',
    profile,
    '--no-definitely-typed',
    '--no-emoji',
    '--no-color',
    '--format',
    'ascii',
  ];
}

/** Code is judged from its sources (dependency-cruiser); only the declarations show which types leave the package. */
function undeclaredTypes({ name, exports, dependencies, peerDependencies }) {
  if (exports === undefined) return [];
  const known = new Set([name, ...Object.keys({ ...dependencies, ...peerDependencies }), ...builtinModules]);
  const unpacked = join(work, 'package');
  const declarations = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).filter((f) =>
    /\.d\.[cm]?ts$/.test(f),
  );
  return declarations.flatMap((file) =>
    importsOf(readFileSync(join(unpacked, file), 'utf8'))
      .filter((specifier) => !/^([./]|node:)/.test(specifier) && !known.has(packageOf(specifier)))
      .map(
        (specifier) =>
          `${file} imports '${specifier}', which an installation of ${name} does not bring along`,
      ),
  );
}

function importsOf(text) {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '');
  return [...code.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*["']([^"']+)["']/g)].map((match) => match[1]);
}

function packageOf(specifier) {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** What the workspace uses among itself must not be published. */
function leftovers(manifest) {
  const text = JSON.stringify(manifest);
  const found = ['workspace:', '@invoke/source'].filter((word) => text.includes(word));
  return found.map((word) => `package.json still holds "${word}"`);
}

function run(command, args, cwd) {
  const shell = process.platform === 'win32';
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', shell });
  return { ok: status === 0, output: `${command}: ${error?.message ?? `${stdout}${stderr}`.trim()}` };
}
