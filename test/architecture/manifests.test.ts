import { expect, test } from 'vitest';
import { readText, repositoryFiles } from './support/repository-files.js';
import zones from './zones.json' with { type: 'json' };

/** The first lock: what a package.json does not name cannot be imported. */
interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const MANIFESTS = repositoryFiles()
  .filter((file) => /^(?:(?:packages|apps)\/[^/]+\/|demo\/|bench\/|test\/)?package\.json$/.test(file))
  .map((file) => ({ file, manifest: JSON.parse(readText(file)) as Manifest }));

test('packages name each other as the table of zones says; the testkit is a devDependency', () => {
  const found = MANIFESTS.filter(({ file }) => /^(packages|apps)\//.test(file)).flatMap(
    ({ file, manifest }) => {
      const may = mayName(file);
      const wanted = [...names(manifest.dependencies), ...names(manifest.peerDependencies)].filter(
        (name) => !may.has(name),
      );
      const inTests = names(manifest.devDependencies).filter(
        (name) => !may.has(name) && name !== '@invoke/testkit',
      );
      return [...wanted, ...inTests].map((name) => `${file}: ${name}`);
    },
  );
  expect(found).toEqual([]);
});

test('the sdk ships without dependencies', () => {
  const sdk = MANIFESTS.find(({ manifest }) => manifest.name === '@invoke/sdk');
  expect(sdk?.manifest.dependencies ?? {}).toEqual({});
});

test('what is published depends on nothing private', () => {
  const hidden = new Set(
    MANIFESTS.filter(({ manifest }) => manifest.private === true).map(({ manifest }) => manifest.name),
  );
  const found = MANIFESTS.filter(({ manifest }) => manifest.private !== true).flatMap(({ file, manifest }) =>
    names(manifest.dependencies)
      .filter((name) => hidden.has(name))
      .map((name) => `${file}: ${name}`),
  );
  expect(found).toEqual([]);
});

test('versions are exact', () => {
  const found = MANIFESTS.flatMap(({ file, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
      .filter(([, version]) => !/^(\d+\.\d+\.\d+(-[\w.]+)?|workspace:\*)$/.test(version))
      .map(([name, version]) => `${file}: ${name}@${version}`),
  );
  expect(found).toEqual([]);
});

/** The packages of this workspace that the zones in the folder of `file` may import. */
function mayName(file: string): Set<string> {
  const folder = file.replace('package.json', '');
  const own = zones.filter((zone) => zone.path.startsWith(folder));
  return new Set(
    own.flatMap((zone) => [...zone.may, ...zone.types]).map((zone) => `@invoke/${zone.split('/')[0]}`),
  );
}

function names(dependencies: Readonly<Record<string, string>> = {}): string[] {
  return Object.keys(dependencies).filter((name) => name.startsWith('@invoke/'));
}
