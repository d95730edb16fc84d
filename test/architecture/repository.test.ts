import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { readText, repositoryFiles } from './support/repository-files.js';
import { ROOT } from './support/tools.js';

/** What would tie the repository to the machine or the workplace that it was written on. */
const TIES: readonly (readonly [string, RegExp])[] = [
  ['a home or work folder of some machine', /(?<![\w./-])\/(?:root|home|Users|work|mnt|workspace)\/[\w.]/],
  ['a folder of a Windows machine', /\b[A-Z]:\\(?:Users|work)\\/i],
  ['this checkout', pathPattern(ROOT)],
  ['the home folder of who runs this', pathPattern(homedir())],
  [
    'a package registry',
    /https?:\/\/[^/\s"']*\bregistry\b|\bregistry\.(?:npmjs|yarnpkg)\b|npmmirror|artifactory|verdaccio|\bjfrog\b/i,
  ],
  ['a registry of tarballs in the lockfile', /^\s+resolution: .*\btarball: https?:/m],
  ['the brief of who wrote it', /(?:\.\.\/)+shared\/(?:design|reference|product|security)/],
];

test('nothing in the repository names the machine or the registry it was made with', () => {
  const self = 'test/architecture/repository.test.ts';
  const found = repositoryFiles()
    .filter((file) => file !== self)
    .flatMap((file) => ties(readText(file)).map((tie) => `${file}: ${tie}`));
  expect(found).toEqual([]);
});

test.each([
  ['see /home/ann/invoke', 'a home or work folder of some machine'],
  ["cd '/work/x'", 'a home or work folder of some machine'],
  ['C:\\Users\\ann', 'a folder of a Windows machine'],
  ['https://registry.example.com/zod', 'a package registry'],
  ['registry=http://npm.registry.internal:4873', 'a package registry'],
  [
    '  resolution: {integrity: x, tarball: https://example.com/a.tgz}',
    'a registry of tarballs in the lockfile',
  ],
  ['../shared/design/house.md', 'the brief of who wrote it'],
])('%s is found', (text, tie) => {
  expect(ties(text)).toContain(tie);
});

test.each([
  'https://example.com/home/ann',
  'store.registry.load()',
  './work/thing',
  'a registry of tools',
  '/etc/passwd',
])('%s is not meant', (text) => {
  expect(ties(text)).toEqual([]);
});

test.each([
  ['/srv/build/invoke', 'cd /srv/build/invoke/packages', true],
  ['/srv/build/invoke', 'cd /srv/build/invoke-two', false],
  ['/srv/a.b/c', 'cd /srv/a-b/c', false],
  ['/app', 'cd /app/packages', false],
])('the checkout %s, in "%s": %s', (path, text, expected) => {
  expect(pathPattern(path).test(text)).toBe(expected);
});

test('links between pages lead somewhere', () => {
  const broken = repositoryFiles()
    .filter((file) => file.endsWith('.md'))
    .flatMap((file) => deadLinks(file).map((link) => `${file}: ${link}`));
  expect(broken).toEqual([]);
});

test('AGENTS.md stays short enough to be read', () => {
  expect(readText('AGENTS.md').trimEnd().split('\n').length).toBeLessThanOrEqual(80);
});

function ties(text: string): string[] {
  return TIES.filter(([, pattern]) => pattern.test(text)).map(([name]) => name);
}

/** A path as a whole; the root of a container is too short to say anything. */
function pathPattern(path: string): RegExp {
  return path.split('/').length < 3 ? /(?!)/ : new RegExp(`${path.replaceAll(/[^\w/-]/g, '\\$&')}(?![\\w-])`);
}

/** Links of a page to files that do not exist; inside code nothing is a link. */
function deadLinks(file: string): string[] {
  const prose = readText(file).replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
  return targets.filter((target) => {
    if (/^[a-z]+:|^#/.test(target)) return false;
    return !existsSync(join(ROOT, dirname(file), decodeURI(target.replace(/#.*$/, ''))));
  });
}
