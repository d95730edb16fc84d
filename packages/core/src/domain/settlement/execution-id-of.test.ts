import { describe, expect, test } from 'vitest';
import { executionIdOf } from './execution-id-of.js';

const ID = '0197a3c2d4e57f0089abcdef01234567';

const CELLS = [
  { cell: 'E1', reference: `ivk_${ID}_0123456789ab`, expected: `exec_${ID}`, why: 'our downstream key' },
  { cell: 'E2', reference: `exec_${ID}`, expected: `exec_${ID}`, why: 'an execution id' },
  { cell: 'E3', reference: `ivk_${ID}`, expected: null, why: 'without its proof' },
  { cell: 'E4', reference: `ivk_${ID}_0123456789a`, expected: null, why: 'the proof is cut' },
  { cell: 'E5', reference: `ivk_${ID}_0123456789abc`, expected: null, why: 'the proof is too long' },
  { cell: 'E6', reference: `ivk_${ID}_0123456789AB`, expected: null, why: 'no hex of ours' },
  { cell: 'E7', reference: ` exec_${ID}`, expected: null, why: 'a space in front' },
  { cell: 'E8', reference: `exec_${ID}\n`, expected: null, why: 'a line end behind' },
  { cell: 'E9', reference: 'exec_', expected: null, why: 'no id' },
  { cell: 'E10', reference: 'exec_a/../b', expected: null, why: 'no id of ours' },
  { cell: 'E11', reference: `exec_${'a'.repeat(65)}`, expected: null, why: 'too long' },
  { cell: 'E12', reference: '', expected: null, why: 'nothing' },
];

describe('the execution that a reference names', () => {
  test.each(CELLS)('$cell $why', ({ reference, expected }) => {
    expect(executionIdOf(reference)).toBe(expected);
  });
});
