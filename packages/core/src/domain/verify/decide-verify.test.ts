import type { Conditions, JsonObject } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { createExpressionLanguage } from '../../engine/expression/cel-language.js';
import { compileConditions } from '../policy/conditions.js';
import { decideVerify, type CurrentState } from './decide-verify.js';

const language = createExpressionLanguage();

interface Cell {
  readonly cell: string;
  readonly required?: readonly string[];
  readonly assumed?: JsonObject;
  readonly conditions?: Conditions;
  readonly state: JsonObject | null;
  readonly replan?: boolean;
  readonly expected: string;
  readonly fields?: readonly string[];
  readonly why: string;
}

function decide({ required = [], assumed = {}, conditions = {}, state, replan = false }: Cell) {
  const compiled = compileConditions(conditions, language);
  if (compiled.kind === 'error') throw new Error(compiled.message);
  const current: CurrentState =
    state === null ? { kind: 'unknown', why: 'it could not be read' } : { kind: 'known', state };
  const request = {
    required_fields: [...required],
    assumed_state: assumed,
    on_mismatch: replan ? ('replan' as const) : ('abort' as const),
  };
  return decideVerify({ request, conditions: compiled, current });
}

const CELLS: readonly Cell[] = [
  {
    cell: 'V1',
    required: ['a'],
    assumed: { a: 1 },
    state: { a: 1 },
    expected: 'verified/execute',
    fields: ['a ok'],
    why: 'unchanged',
  },
  {
    cell: 'V2',
    required: ['a'],
    assumed: { a: 125 },
    state: { a: '125' },
    expected: 'blocked/abort',
    fields: ['a changed'],
    why: 'another type is another value',
  },
  {
    cell: 'V3',
    required: ['a'],
    assumed: { a: 1 },
    state: { a: 2 },
    replan: true,
    expected: 'replan_required/replan',
    why: 'the caller wants to plan again',
  },
  {
    cell: 'V4',
    required: ['a'],
    state: {},
    expected: 'blocked/abort',
    fields: ['a missing'],
    why: 'required and not there',
  },
  {
    cell: 'V5',
    required: ['a'],
    state: { a: null },
    expected: 'verified/execute',
    why: 'null is a value, and nothing else was assumed',
  },
  {
    cell: 'V6',
    assumed: { b: 1 },
    required: ['a'],
    state: { a: 1, b: 2 },
    expected: 'blocked/abort',
    fields: ['a ok', 'b changed'],
    why: 'what is assumed counts without being required',
  },
  {
    cell: 'V7',
    conditions: { a: '> 0' },
    state: { a: 0 },
    expected: 'blocked/abort',
    fields: ['a condition_failed'],
    why: 'a condition fails',
  },
  {
    cell: 'V8',
    conditions: { a: '> 0' },
    state: { a: 'x' },
    expected: 'blocked/abort',
    fields: ['a condition_unknown'],
    why: 'a condition that does not apply does not hold',
  },
  {
    cell: 'V9',
    assumed: { a: 5 },
    conditions: { a: '> 0' },
    state: { a: 4 },
    expected: 'blocked/abort',
    fields: ['a changed'],
    why: 'changed, although the condition holds',
  },
  {
    cell: 'V10',
    required: ['a'],
    assumed: { a: 1 },
    conditions: { a: 1 },
    state: null,
    expected: 'blocked/abort',
    fields: ['a missing'],
    why: 'nothing is known',
  },
  {
    cell: 'V11',
    required: ['a'],
    state: null,
    replan: true,
    expected: 'replan_required/replan',
    why: 'likewise',
  },
  {
    cell: 'V12',
    state: { a: 1 },
    expected: 'blocked/abort',
    fields: [],
    why: 'nothing to verify is not verified',
  },
  {
    cell: 'V13',
    assumed: { customer: { id: 'c1' } },
    state: { customer: { id: 'c1', seen: 9 } },
    expected: 'verified/execute',
    fields: ['customer.id ok'],
    why: 'only what was said of an object counts',
  },
  {
    cell: 'V14',
    required: ['customer'],
    assumed: { customer: { id: 'c1' } },
    state: { customer: { id: 'c1', seen: 9 } },
    expected: 'blocked/abort',
    fields: ['customer changed'],
    why: 'an object that is required by name is one value',
  },
  {
    cell: 'V15',
    assumed: { items: [1, 2] },
    state: { items: [2, 1] },
    expected: 'blocked/abort',
    fields: ['items changed'],
    why: 'lists have an order',
  },
  {
    cell: 'V16',
    required: ['__proto__', 'constructor', 'items.length'],
    state: { items: [] },
    expected: 'blocked/abort',
    fields: ['__proto__ missing', 'constructor missing', 'items.length missing'],
    why: 'own properties only',
  },
];

describe('verification', () => {
  test.each(CELLS)('$cell $why', (cell) => {
    const { status, decision, fields } = decide(cell);
    expect(`${status}/${decision}`).toBe(cell.expected);
    if (cell.fields !== undefined) expect(fields.map((f) => `${f.field} ${f.verdict}`)).toEqual(cell.fields);
  });

  test('says of each field what it was and what it is', () => {
    const { fields, reason } = decide({
      cell: '',
      why: '',
      expected: '',
      required: ['a'],
      assumed: { a: 1, gone: true },
      conditions: { b: '> 0' },
      state: { a: 2, b: 3 },
    });
    expect(fields).toEqual([
      { field: 'a', assumed: 1, current: 2, drifted: true, holds: null, verdict: 'changed' },
      { field: 'gone', assumed: true, current: null, drifted: true, holds: null, verdict: 'missing' },
      { field: 'b', assumed: null, current: 3, drifted: false, holds: true, verdict: 'ok' },
    ]);
    expect(reason).toBe('a was 1 and is 2; gone is missing');
  });
});
