import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeDataFolder } from './make-folder.js';

const place = mkdtempSync(join(tmpdir(), 'invoke-folder-'));
afterAll(() => rmSync(place, { recursive: true }));

test('makes what is missing, for this user alone, and is content with what is there', () => {
  const folder = join(place, 'a', 'b');
  makeDataFolder(folder);
  makeDataFolder(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

test.each(['file', join('file', 'below')])('a file is in the way of %s: it says so', (name) => {
  writeFileSync(join(place, 'file'), '');
  expect(() => makeDataFolder(join(place, name))).toThrow(
    /There can be no folder for the data at .*file.* \(a file is in the way, (EEXIST|ENOTDIR)\): .*INVOKE_DATA_DIR/,
  );
});

test.runIf(existsSync('/proc/self'))('where nothing can be made it ends, and says where', () => {
  expect(() => makeDataFolder('/proc/nope')).toThrow(
    'There can be no folder for the data at /proc/nope (ENOENT)',
  );
});
