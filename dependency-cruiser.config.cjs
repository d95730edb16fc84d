// Who may import whom, as rules. The table itself is test/architecture/zones.json; every rule is proven by an import that
// breaks it in test/architecture/imports.test.ts. Imports of types count like any other.
const { realpathSync } = require('node:fs');
const { createRequire } = require('node:module');
const zones = require('./test/architecture/zones.json');

const TESTS = ['[.]test[.]tsx?$', '^(packages|apps)/[^/]+/test/'];
const NPM = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];

requireCompilerApi(process.argv[1] ?? '');

const pathOf = Object.fromEntries(zones.map(({ zone, path }) => [zone, `^${path}`]));

module.exports = {
  forbidden: [
    ...zones.flatMap(rulesOf),
    // Not even of types. A cycle that is closed by import() is none while modules are read.
    forbid('no-cycle', {}, { circular: true, viaOnly: { dependencyTypesNot: ['dynamic-import'] } }),
    forbid('no-import-of-main', {}, { path: '(^|/)main[.]tsx?$' }),
    // Packages reach each other by name. What a package does not export cannot be found by name at all.
    forbid(
      'no-path-into-another-package',
      { path: '^((?:packages|apps)/[^/]+/)' },
      { path: '^(packages|apps)/', pathNot: '^$1', dependencyTypes: ['local'] },
    ),
    forbid('no-unresolvable', {}, { couldNotResolve: true }),
    forbid(
      'gateway-only-lazily',
      { path: pathOf.cli, pathNot: TESTS },
      { path: pathOf.gateway, dynamic: false, dependencyTypesNot: ['type-only'] },
    ),
    // apps/cli and apps/dashboard are bundled with what they use; from all others, users install it.
    forbid('no-undeclared-package', { pathNot: TESTS }, { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] }),
    forbid(
      'no-dev-package',
      { path: '^(packages|apps/gateway)/', pathNot: TESTS },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)dist/', '[.]config[.]ts$', '^apps/cli/templates/'] },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@invoke/source', 'import', 'node', 'default', 'types'],
    },
  },
};

/** A zone may import itself, what its row names, and of the packages from npm what its row names if it names any. */
function rulesOf({ zone, may, types, npm, node }) {
  const from = { path: pathOf[zone], pathNot: TESTS };
  const reachable = [zone, ...may, ...types].map((name) => pathOf[name]);
  const rules = [forbid(`${zone}:may-import`, from, { path: '^(packages|apps)/', pathNot: reachable })];
  if (types.length > 0) {
    const path = types.map((name) => pathOf[name]);
    rules.push(forbid(`${zone}:types-only`, from, { path, dependencyTypesNot: ['type-only'] }));
  }
  if (npm !== undefined) {
    const pathNot = npm.map((name) => `(^|/)node_modules/${name}/`);
    rules.push(forbid(`${zone}:no-npm`, from, { dependencyTypes: NPM, ...(npm.length > 0 && { pathNot }) }));
  }
  if (node === false) rules.push(forbid(`${zone}:no-node`, from, { dependencyTypes: ['core'] }));
  return rules;
}

function forbid(name, from, to) {
  return { name, severity: 'error', from, to };
}

/**
 * dependency-cruiser reads TypeScript through the compiler API, which TypeScript 7 does not have: packageExtensions in
 * pnpm-workspace.yaml gives it a TypeScript 6 of its own. Without that it would see no .ts file, and find nothing wrong.
 */
function requireCompilerApi(program) {
  if (!/depcruise|dependency-cruise/.test(program)) return;
  const { version } = createRequire(realpathSync(program))('typescript/package.json');
  if (Number.parseInt(version, 10) > 6)
    throw new Error(`TypeScript ${version} has no compiler API: no .ts file would be seen`);
}
