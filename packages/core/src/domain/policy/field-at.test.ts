import { expect, test } from 'vitest';
import { fieldAt } from './field-at.js';

const state = {
  status: 'paid',
  customer: { balance: 5, nothing: null },
  items: [{ id: 'a' }],
  'customer.balance': 7,
  text: 'abc',
};

const CELLS: readonly { path: string; found: unknown; why: string }[] = [
  { path: 'status', found: 'paid', why: 'a field' },
  { path: 'customer.nothing', found: null, why: 'null is there' },
  { path: 'customer.balance', found: 7, why: 'a field of exactly this name wins' },
  { path: 'items.0.id', found: 'a', why: 'an element' },
];

test.each(CELLS)('$path: $why', ({ path, found }) => {
  expect(fieldAt(state, path)).toEqual({ kind: 'found', value: found });
});

test.each([
  'gone',
  'customer.gone',
  'status.length',
  'text.0',
  'items.length',
  'items.1',
  'items.-1',
  'constructor',
  'customer.constructor.name',
  '__proto__.toString',
  'customer..balance',
  '',
])('%j is missing', (path) => {
  expect(fieldAt(state, path)).toEqual({ kind: 'missing' });
});
