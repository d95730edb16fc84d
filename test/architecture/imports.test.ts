import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTree, ROOT, runTool, type Tree } from './support/tools.js';
import zones from './zones.json' with { type: 'json' };

/** Every rule of dependency-cruiser.config.cjs against an import that breaks it, and against its nearest legal neighbour. */
interface Cell {
  readonly cell: string;
  readonly file: string;
  readonly source: string;
  readonly expected: readonly string[];
}

const CELLS: readonly Cell[] = [
  // contract
  cell(
    'contract is at the bottom',
    'packages/contract/src/a.ts',
    "import '@invoke/core/domain';",
    'contract:may-import',
  ),
  cell('contract has zod', 'packages/contract/src/b.ts', "import 'zod';"),
  cell(
    'contract has only zod',
    'packages/contract/src/c.ts',
    "import 'canonicalize';",
    'contract:no-npm',
    'no-undeclared-package',
  ),
  cell('contract runs everywhere', 'packages/contract/src/d.ts', "import 'node:fs';", 'contract:no-node'),
  // core
  cell('domain may use contract', 'packages/core/src/domain/a.ts', "import '@invoke/contract';"),
  cell(
    'domain knows no port',
    'packages/core/src/domain/b.ts',
    "import '../ports/index.js';",
    'core/domain:may-import',
  ),
  cell(
    'domain knows no port, not even its type',
    'packages/core/src/domain/c.ts',
    "import type { Port } from '../ports/index.js'; export type X = Port;",
    'core/domain:may-import',
  ),
  cell(
    'domain knows no engine',
    'packages/core/src/domain/d.ts',
    "import '../engine/index.js';",
    'core/domain:may-import',
  ),
  cell('domain knows no package', 'packages/core/src/domain/e.ts', "import 'uuidv7';", 'core/domain:no-npm'),
  cell('domain may use a named pure one', 'packages/core/src/domain/f.ts', "import 'canonicalize';"),
  cell(
    'domain knows no node',
    'packages/core/src/domain/g.ts',
    "import 'node:crypto';",
    'core/domain:no-node',
  ),
  cell(
    'domain knows no node, by its old name',
    'packages/core/src/domain/h.ts',
    "import 'fs';",
    'core/domain:no-node',
  ),
  cell(
    'a test may look further',
    'packages/core/src/domain/i.test.ts',
    "import '../engine/index.js'; import 'node:fs';",
  ),
  cell(
    'ports may name domain types',
    'packages/core/src/ports/a.ts',
    "import type { D } from '../domain/index.js'; export type X = D;",
  ),
  cell(
    'ports have types of the domain only',
    'packages/core/src/ports/b.ts',
    "import '../domain/index.js';",
    'core/ports:types-only',
  ),
  cell(
    'ports know no engine',
    'packages/core/src/ports/c.ts',
    "import '../engine/index.js';",
    'core/ports:may-import',
  ),
  cell('ports know no package', 'packages/core/src/ports/d.ts', "import 'uuidv7';", 'core/ports:no-npm'),
  cell('ports know no node', 'packages/core/src/ports/e.ts', "import 'node:net';", 'core/ports:no-node'),
  cell(
    'engine uses domain and ports',
    'packages/core/src/engine/a.ts',
    "import '../domain/index.js'; import '../ports/index.js';",
  ),
  cell(
    'engine knows no adapter',
    'packages/core/src/engine/b.ts',
    "import '@invoke/storage';",
    'core/engine:may-import',
  ),
  cell(
    'engine does not know its own package',
    'packages/core/src/engine/c.ts',
    "import '../other.js';",
    'core/engine:may-import',
  ),
  cell(
    'in-process is the core with hands',
    'packages/core/src/in-process/a.ts',
    "import '../engine/index.js';",
  ),
  cell(
    'in-process knows no adapter',
    'packages/core/src/in-process/b.ts',
    "import '@invoke/storage';",
    'core/in-process:may-import',
  ),
  cell(
    'core does not know storage',
    'packages/core/src/compose.ts',
    "import '@invoke/storage';",
    'core:may-import',
  ),
  // adapters
  cell(
    'storage uses ports',
    'packages/storage/src/a.ts',
    "import '@invoke/core/ports'; import '@invoke/core/domain';",
  ),
  cell(
    'storage does not run the core',
    'packages/storage/src/b.ts',
    "import '@invoke/core';",
    'storage:may-import',
  ),
  cell(
    'adapters do not know each other',
    'packages/storage/src/c.ts',
    "import '@invoke/mcp-client';",
    'storage:may-import',
  ),
  cell(
    'adapters do not know each other',
    'packages/mcp-client/src/a.ts',
    "import '@invoke/storage';",
    'mcp-client:may-import',
  ),
  cell(
    'adapters do not know each other',
    'packages/connectors/src/a.ts',
    "import '@invoke/mcp-client';",
    'connectors:may-import',
  ),
  cell(
    'the testkit is for tests',
    'packages/storage/src/d.ts',
    "import '@invoke/testkit';",
    'storage:may-import',
  ),
  cell('the testkit is for tests', 'packages/storage/src/e.test.ts', "import '@invoke/testkit';"),
  cell('the testkit is for tests', 'packages/storage/test/f.ts', "import '@invoke/testkit';"),
  cell(
    'the testkit knows no adapter',
    'packages/testkit/src/a.ts',
    "import '@invoke/storage';",
    'testkit:may-import',
  ),
  // clients
  cell(
    'the sdk takes types',
    'packages/sdk/src/a.ts',
    "import type { C } from '@invoke/contract'; export type X = C;",
  ),
  cell('the sdk takes no value', 'packages/sdk/src/b.ts', "import '@invoke/contract';", 'sdk:types-only'),
  cell(
    'the sdk has no dependency',
    'packages/sdk/src/c.ts',
    "import 'zod';",
    'sdk:no-npm',
    'no-undeclared-package',
  ),
  cell(
    'the sdk knows only the contract',
    'packages/sdk/src/e.ts',
    "import type { D } from '@invoke/core/domain'; export type X = D;",
    'sdk:may-import',
  ),
  cell('the sdk runs in browsers', 'packages/sdk/src/d.ts', "import 'node:http';", 'sdk:no-node'),
  cell('wrapgen stands alone', 'packages/wrapgen/src/a.ts', "import '@invoke/sdk';", 'wrapgen:may-import'),
  // apps
  cell(
    'the gateway composes',
    'apps/gateway/src/a.ts',
    "import '@invoke/core'; import '@invoke/storage'; import '@invoke/mcp-client';",
  ),
  cell('the gateway is not a client', 'apps/gateway/src/b.ts', "import '@invoke/sdk';", 'gateway:may-import'),
  cell('the cli is a client', 'apps/cli/src/a.ts', "import '@invoke/sdk'; import '@invoke/contract';"),
  cell('the cli does not run the core', 'apps/cli/src/b.ts', "import '@invoke/core';", 'cli:may-import'),
  cell(
    'the cli loads the gateway lazily',
    'apps/cli/src/c.ts',
    "export const load = () => import('@invoke/gateway');",
  ),
  cell(
    'the cli loads the gateway lazily',
    'apps/cli/src/d.ts',
    "import '@invoke/gateway';",
    'gateway-only-lazily',
  ),
  cell(
    'the dashboard speaks HTTP',
    'apps/dashboard/src/a.tsx',
    "import '@invoke/core';",
    'dashboard:may-import',
  ),
  cell(
    'the dashboard runs in browsers',
    'apps/dashboard/src/b.tsx',
    "import 'node:fs';",
    'dashboard:no-node',
  ),
  // everybody
  cell('nobody imports a main.ts', 'apps/gateway/src/c.ts', "import './main.js';", 'no-import-of-main'),
  cell(
    'nobody imports a main.ts',
    'apps/gateway/test/d.test.ts',
    "import '../src/main.js';",
    'no-import-of-main',
  ),
  cell(
    'no deep import by name',
    'apps/gateway/src/e.ts',
    "import '@invoke/core/src/engine/index.js';",
    'no-unresolvable',
  ),
  cell(
    'no deep import by path',
    'apps/gateway/src/f.ts',
    "import '../../../packages/core/src/index.js';",
    'no-path-into-another-package',
  ),
  cell(
    'no deep import by path, in tests either',
    'apps/gateway/src/g.test.ts',
    "import '../../../packages/core/src/index.js';",
    'no-path-into-another-package',
  ),
  cell('nothing that does not exist', 'apps/gateway/src/h.ts', "import './nowhere.js';", 'no-unresolvable'),
  cell(
    'what is used is declared',
    'packages/storage/src/g.ts',
    "import 'left-over';",
    'no-undeclared-package',
  ),
  cell('what ships is no devDependency', 'packages/storage/src/h.ts', "import 'dev-only';", 'no-dev-package'),
  cell('tests may use a devDependency', 'packages/storage/src/i.test.ts', "import 'dev-only';"),
  cell('the bundle of the cli takes in devDependencies', 'apps/cli/src/e.ts', "import 'dev-only';"),
  cell('a cycle', 'packages/storage/src/ring-a.ts', "import './ring-b.js';", 'no-cycle'),
  cell('a cycle, which is told once', 'packages/storage/src/ring-b.ts', "import './ring-a.js';"),
  cell('what is loaded when it is needed', 'apps/cli/src/lazy-a.ts', "import './lazy-b.js';"),
  cell(
    'what is loaded when it is needed',
    'apps/cli/src/lazy-b.ts',
    "export const a = () => import('./lazy-a.js');",
  ),
  cell(
    'a cycle of types',
    'packages/storage/src/type-a.ts',
    "import type { B } from './type-b.js'; export interface A { b?: B }",
    'no-cycle',
  ),
  cell(
    'a cycle of types, which is told once',
    'packages/storage/src/type-b.ts',
    "import type { A } from './type-a.js'; export interface B { a?: A }",
  ),
];

test('each import of the table is judged as it should be', async () => {
  await using tree = await createWorkspace();
  for (const { file, source } of CELLS) await tree.write(file, `${source}\nexport {};\n`);
  const found = await violations(tree);
  const judged = CELLS.map(({ cell: name, file, source }) => ({
    cell: name,
    file,
    source,
    expected: found.get(file) ?? [],
  }));
  expect(judged).toEqual(CELLS.map((c) => ({ ...c, expected: c.expected.toSorted() })));
});

test('every zone rule and every general rule is broken by at least one row', async () => {
  const { stdout } = await runTool('node', [
    '-p',
    "JSON.stringify(require('./dependency-cruiser.config.cjs').forbidden.map((r) => r.name))",
  ]);
  const rules = JSON.parse(stdout) as string[];
  const broken = new Set(CELLS.flatMap((c) => c.expected));
  expect(rules.filter((rule) => !broken.has(rule))).toEqual([]);
});

test('every package stands in the table', () => {
  const packages = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}/`),
  );
  expect(packages.filter((path) => !zones.some((zone) => zone.path.startsWith(path)))).toEqual([]);
  const core = readdirSync(join(ROOT, 'packages/core/src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(
    core.filter(({ name }) => !zones.some((zone) => zone.path === `packages/core/src/${name}/`)),
  ).toEqual([]);
});

test('one file of the cli knows the gateway', () => {
  const sources = readdirSync(join(ROOT, 'apps/cli/src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .filter((file) => readFileSync(join(ROOT, 'apps/cli/src', file), 'utf8').includes("'@invoke/gateway'"));
  expect(sources.length, sources.join(', ')).toBeLessThanOrEqual(1);
});

function cell(name: string, file: string, source: string, ...expected: string[]): Cell {
  return { cell: name, file, source, expected };
}

const PORTABLE = 'export interface Port { a: 1 }\n';

/** A workspace with the packages of this one, their entries nearly empty, linked by name as pnpm does. */
async function createWorkspace(): Promise<Tree> {
  const tree = await createTree({
    'package.json': '{ "name": "fixture", "private": true, "type": "module" }',
    'packages/core/src/engine/index.ts': 'export {};\n',
    'packages/core/src/other.ts': 'export {};\n',
    'apps/gateway/src/main.ts': 'export {};\n',
  });
  await mkdir(join(tree.path, 'node_modules/@invoke'), { recursive: true });
  for (const path of zones.map((zone) => /^(packages|apps)\/[^/]+/.exec(zone.path)?.[0] ?? '')) {
    const name = `@invoke/${path.split('/')[1]}`;
    const entries: Record<string, string> = { '.': './src/index.ts' };
    if (name === '@invoke/core')
      Object.assign(entries, { './domain': './src/domain/index.ts', './ports': './src/ports/index.ts' });
    const exports = Object.fromEntries(
      Object.entries(entries).map(([entry, file]) => [entry, { '@invoke/source': file }]),
    );
    for (const file of Object.values(entries)) await tree.write(join(path, file), PORTABLE);
    const manifest = {
      name,
      type: 'module',
      exports,
      dependencies: DEPENDENCIES[path] ?? {},
      devDependencies: { 'dev-only': '1.0.0' },
    };
    await tree.write(join(path, 'package.json'), JSON.stringify(manifest));
    await symlink(join(tree.path, path), join(tree.path, 'node_modules', name)).catch(ignoreSecond);
  }
  for (const name of ['zod', 'canonicalize', 'uuidv7', 'left-over', 'dev-only']) {
    await tree.write(
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: '1.0.0', main: 'index.js' }),
    );
    await tree.write(`node_modules/${name}/index.js`, '');
  }
  return tree;
}

const DEPENDENCIES: Readonly<Record<string, Record<string, string>>> = {
  'packages/contract': { zod: '1.0.0' },
  'packages/core': { canonicalize: '1.0.0', uuidv7: '1.0.0' },
};

/** Several zones lie in one package. */
function ignoreSecond(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

/** The names of the rules that each file breaks, sorted. */
async function violations(tree: Tree): Promise<Map<string, string[]>> {
  const config = join(ROOT, 'dependency-cruiser.config.cjs');
  const { stdout, stderr } = await runTool(
    'depcruise',
    ['--config', config, '-T', 'json', 'packages', 'apps'],
    tree.path,
  );
  expect(stderr).toBe('');
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  const found = new Map<string, string[]>();
  for (const { from, rule } of summary.violations)
    found.set(from, [...(found.get(from) ?? []), rule.name].toSorted());
  return found;
}
