import { expect, test } from 'vitest';
import { closestName } from './closest-name.js';

const NAMES = ['branch', 'action', 'params', 'properties', 'env', 'all'];

test.each([
  { name: 'brnach', meant: 'branch', why: 'neighbours swapped' },
  { name: 'Branch', meant: 'branch', why: 'case' },
  { name: 'brnch', meant: 'branch', why: 'one left out' },
  { name: 'acttion', meant: 'action', why: 'one too many' },
  { name: 'propertys', meant: 'properties', why: 'two errors in a long name' },
  { name: 'evn', meant: 'env', why: 'one error in a short name' },
  { name: 'emv', meant: 'env', why: 'one error in a short name' },
  { name: 'eny', meant: 'env', why: 'one error in a short name' },
  { name: 'amount', meant: null, why: 'nothing like it' },
  { name: 'xyz', meant: null, why: 'nothing like it' },
  { name: 'al', meant: 'all', why: 'one left out' },
])('$name: $why', ({ name, meant }) => {
  expect(closestName(name, NAMES)).toBe(meant);
});
