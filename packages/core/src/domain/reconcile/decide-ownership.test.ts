import { expect, test } from 'vitest';
import { decideOwnership } from './decide-ownership.js';

test.each([
  { cell: 'O1', at: undefined, state: { ref: 'other' }, expected: 'ours', why: 'no reference is declared' },
  { cell: 'O2', at: '/ref', state: { ref: 'ours' }, expected: 'ours', why: 'it is our reference' },
  {
    cell: 'O3',
    at: '/ref',
    state: { ref: 'other' },
    expected: 'not_ours',
    why: 'it is that of somebody else',
  },
  { cell: 'O4', at: '/ref', state: {}, expected: 'unclear', why: 'there is no reference' },
  { cell: 'O5', at: '/ref', state: { ref: null }, expected: 'unclear', why: 'the reference is empty' },
  { cell: 'O6', at: '/meta/ref', state: { meta: { ref: 'ours' } }, expected: 'ours', why: 'it lies deeper' },
  {
    cell: 'O7',
    at: '/ref',
    state: { ref: ['ours'] },
    expected: 'not_ours',
    why: 'a list is not a reference',
  },
])('$cell $why', ({ at, state, expected }) => {
  expect(decideOwnership(state, { at, reference: 'ours' }).kind).toBe(expected);
});
