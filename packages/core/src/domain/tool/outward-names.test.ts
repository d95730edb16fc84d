import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOutwardNames } from './outward-names.js';

const LONG = `crm.${'customer_'.repeat(10)}`;

describe('the names that tools go out by', () => {
  const CELLS: readonly {
    readonly cell: string;
    readonly ids: readonly string[];
    readonly reserved?: readonly string[];
    readonly expected: readonly string[];
    readonly why: string;
  }[] = [
    { cell: 'N1', ids: ['read_state'], expected: ['read_state'], why: 'it can go out as it is' },
    {
      cell: 'N2',
      ids: ['crm.update-customer'],
      expected: ['crm_update_customer'],
      why: 'hosts refuse dots, and some of them hyphens',
    },
    {
      cell: 'N3',
      ids: ['crm.update', 'crm_update'],
      expected: ['crm_update_4659037a', 'crm_update'],
      why: 'an exact match always wins',
    },
    {
      cell: 'N4',
      ids: ['crm-update', 'crm.update'],
      expected: ['crm_update_dbfa0797', 'crm_update_4659037a'],
      why: 'a name that fits two tools is given to neither',
    },
    {
      cell: 'N5',
      ids: [LONG],
      expected: ['crm_customer_customer_customer_customer_c_7e6fdf8d'],
      why: '50 characters and not one more, and what is left out is told by the print',
    },
    {
      cell: 'N6',
      ids: ['invoke_get_execution'],
      reserved: ['invoke_get_execution'],
      expected: ['invoke_get_execution_4395ac7f'],
      why: 'what is reserved is never taken for a tool',
    },
    {
      cell: 'N7',
      ids: ['crm-update', 'crm.update', 'crm_update_4659037a'],
      expected: ['crm_update_dbfa0797', 'crm_update_99cf2c4d', 'crm_update_4659037a'],
      why: 'whoever registers the very name that another would get has it, and the other gets one more',
    },
  ];
  test.each(CELLS)('$cell: $why', ({ ids, reserved, expected }) => {
    const names = createOutwardNames(ids, reserved);
    expect(ids.map((id) => names.nameOf(id))).toEqual(expected);
  });

  test('every one fits, and leads back to its tool alone', () => {
    const id = fc.stringMatching(/^[Aa._-]{1,6}$|^[A-Za-z0-9_.-]{1,128}$/);
    fc.assert(
      fc.property(fc.uniqueArray(id, { maxLength: 40 }), (ids) => {
        const names = createOutwardNames(ids, ['a_a']);
        for (const one of ids) {
          expect(names.nameOf(one)).toMatch(/^[A-Za-z0-9_]{1,50}$/);
          expect(names.idOf(names.nameOf(one))).toBe(one);
        }
        expect(names.idOf('a_a')).toBeNull();
      }),
    );
  });

  test('they do not depend on the order in which tools are known', () => {
    const ids = ['b.c', 'b-c', 'b_c', LONG, `${LONG}x`];
    const there = createOutwardNames(ids);
    const back = createOutwardNames([...ids].reverse());
    expect(ids.map((id) => back.nameOf(id))).toEqual(ids.map((id) => there.nameOf(id)));
  });
});
