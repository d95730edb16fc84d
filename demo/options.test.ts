import { describe, expect, it } from 'vitest';
import { chooseScenes, parseOptions } from './options.mjs';

describe('FLAKY_FAIL_FIRST_N', () => {
  const cells: { cell: string; value: string | undefined; expected: number | 'bad'; why: string }[] = [
    { cell: 'absent', value: undefined, expected: 2, why: 'the default' },
    { cell: 'empty', value: '', expected: 2, why: 'set to nothing is not set' },
    { cell: '0', value: '0', expected: 0, why: 'never fails' },
    { cell: '50', value: '50', expected: 50, why: 'the most' },
    { cell: '51', value: '51', expected: 'bad', why: 'beyond the most' },
    { cell: '-1', value: '-1', expected: 'bad', why: 'no count' },
    { cell: '2.5', value: '2.5', expected: 'bad', why: 'no whole number' },
    { cell: 'two', value: 'two', expected: 'bad', why: 'no number' },
  ];
  it.each(cells)('$cell: $why', ({ value, expected }) => {
    const parsed = parseOptions([], { FLAKY_FAIL_FIRST_N: value });
    expect(parsed.kind === 'ok' ? parsed.options.failFirst : 'bad').toBe(expected);
  });
});

it('refuses options that it does not know', () => {
  expect(parseOptions(['--sceen', 'payment'], {}).kind).toBe('bad');
});

describe('the choice of scenes', () => {
  const scenes = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  const cells: { cell: string; names: string[]; expected: string[] | 'bad'; why: string }[] = [
    { cell: 'none named', names: [], expected: ['a', 'b', 'c'], why: 'all of them' },
    { cell: 'one', names: ['c'], expected: ['c'], why: 'by name' },
    { cell: 'two', names: ['b', 'a'], expected: ['a', 'b'], why: 'in the order of the demo' },
    {
      cell: 'unknown',
      names: ['a', 'x'],
      expected: 'bad',
      why: 'a misspelt scene must not be a shorter demo',
    },
  ];
  it.each(cells)('$cell: $why', ({ names, expected }) => {
    const choice = chooseScenes(scenes, names);
    expect(choice.kind === 'ok' ? choice.chosen.map((s) => s.id) : 'bad').toEqual(expected);
  });
});
