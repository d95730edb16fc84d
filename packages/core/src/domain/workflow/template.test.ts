import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillTemplate } from './template.js';

const scope = {
  input: { params: { title: 'a', n: 2, nothing: null, list: ['x'] }, text: '${input.params.title}' },
  steps: { first: { results: [{ url: 'https://example.com' }] } },
};

const CELLS: readonly { cell: string; input: unknown; expected: unknown; why: string }[] = [
  { cell: 'T1', input: '${input.params.title}', expected: 'a', why: 'text' },
  { cell: 'T2', input: '${input.params.n}', expected: 2, why: 'keeps its type' },
  { cell: 'T3', input: '${input.params}', expected: scope.input.params, why: 'whole objects' },
  { cell: 'T4', input: '${steps.first.results.0.url}', expected: 'https://example.com', why: 'into lists' },
  {
    cell: 'T5',
    input: 'to ${input.params.title}',
    expected: 'to ${input.params.title}',
    why: 'as a whole only',
  },
  { cell: 'T6', input: '${input.params.title} ', expected: '${input.params.title} ', why: 'as a whole only' },
  { cell: 'T7', input: { a: ['${input.params.n}'] }, expected: { a: [2] }, why: 'at any depth' },
  {
    cell: 'T8',
    input: '${input.text}',
    expected: '${input.params.title}',
    why: 'what is filled in is no template',
  },
  { cell: 'T9', input: '${input.params.nothing|x}', expected: null, why: 'null is a value' },
  { cell: 'T10', input: '${input.limit|3}', expected: 3, why: 'a default that is JSON' },
  {
    cell: 'T11',
    input: '${input.tool|sandbox.charge}',
    expected: 'sandbox.charge',
    why: 'a default that is text',
  },
  { cell: 'T12', input: '${input.params2|{}}', expected: {}, why: 'an object as default' },
  { cell: 'T13', input: '${input.x|}', expected: '', why: 'an empty default' },
  { cell: 'T14', input: '${input.x|${input.y}}', expected: '${input.y}', why: 'a default is no template' },
  { cell: 'T15', input: { '${input.x}': 1 }, expected: { '${input.x}': 1 }, why: 'names are no templates' },
  { cell: 'T16', input: 7, expected: 7, why: 'other values stay' },
];
const MISSING: readonly { cell: string; input: unknown; path: string; why: string }[] = [
  { cell: 'M1', input: '${input.query}', path: 'input.query', why: 'not there' },
  { cell: 'M2', input: { a: '${steps.second.x}' }, path: 'steps.second.x', why: 'a step that was not run' },
  { cell: 'M3', input: '${input.constructor}', path: 'input.constructor', why: 'own properties only' },
  {
    cell: 'M4',
    input: '${input.params.list.length}',
    path: 'input.params.list.length',
    why: 'elements only',
  },
  { cell: 'M5', input: '${input.__proto__.x}', path: 'input.__proto__.x', why: 'own properties only' },
  {
    cell: 'M6',
    input: '${input.params.title.length}',
    path: 'input.params.title.length',
    why: 'text has no fields',
  },
];

describe('templates', () => {
  test.each(CELLS)('$cell $why', ({ input, expected }) => {
    expect(fillTemplate(input, scope)).toEqual({ kind: 'ok', value: expected });
  });

  test.each(MISSING)('$cell $why', ({ input, path }) => {
    expect(fillTemplate(input, scope)).toEqual({ kind: 'missing', path });
  });

  test('whatever a caller sends arrives as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (sent) => {
        const filled = fillTemplate({ wrapped: ['${input.params}'] }, { input: { params: sent }, steps: {} });
        expect(filled).toEqual({ kind: 'ok', value: { wrapped: [sent] } });
      }),
    );
  });
});

test('a number that is read as another one is not handed on', () => {
  const large: unknown = JSON.parse('{"id":9007199254740993,"name":"n"}');
  const of = { input: {}, steps: { first: large } };
  expect(fillTemplate({ a: '${steps.first.id|1}' }, of)).toEqual({ kind: 'inexact', path: 'steps.first.id' });
  expect(fillTemplate('${steps.first}', of)).toEqual({ kind: 'inexact', path: 'steps.first' });
  expect(fillTemplate('${steps.first.name}', of)).toEqual({ kind: 'ok', value: 'n' });
});

test('a text with half of a character is not handed on', () => {
  const of = { input: {}, steps: { first: { id: 'x1', title: 'cut \ud83d' } } };
  expect(fillTemplate('${steps.first.title}', of)).toEqual({ kind: 'broken', path: 'steps.first.title' });
  expect(fillTemplate('${steps.first.id}', of)).toEqual({ kind: 'ok', value: 'x1' });
});
