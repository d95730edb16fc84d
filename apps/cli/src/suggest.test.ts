import { expect, test } from 'vitest';
import { suggest } from './suggest.js';

const commands = ['call', 'config', 'deploy', 'dev', 'executions', 'login', 'logout', 'tools'];

test.each([
  { typed: 'cal', expected: 'call', why: 'one letter missing' },
  { typed: 'clal', expected: 'call', why: 'two letters swapped' },
  { typed: 'Deploy', expected: 'deploy', why: 'case' },
  { typed: 'exec', expected: 'executions', why: 'a beginning' },
  { typed: 'logni', expected: 'login', why: 'two letters swapped' },
  { typed: 'frobnicate', expected: undefined, why: 'nothing like it' },
  { typed: 'x', expected: undefined, why: 'too short to guess' },
  { typed: 'de', expected: 'dev', why: 'closest' },
])('$typed: $why', ({ typed, expected }) => {
  expect(suggest(typed, commands)).toBe(expected);
});
