import { CapabilityCard, type CapabilityCardInput } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { aTool } from '../test-tools.js';
import {
  decideEntity,
  decideOneEntity,
  entityOf,
  writtenEntities,
  type EntityFacts,
} from './decide-entity.js';

const card = (more: Partial<CapabilityCardInput> = {}) =>
  CapabilityCard.parse({ name: 't', input_schema: {}, ...more });
const resolved = (entity_id: string) => ({
  entity_id,
  source: 'crm_lookup',
  resolved_at: '2026-05-01T12:00:00Z',
});
const decide = (more: Partial<EntityFacts>) => {
  const d = decideEntity({
    card: card(),
    resolution: resolved('cust_123'),
    params: {},
    executionState: null,
    liveState: null,
    unsettledWrite: null,
    ...more,
  });
  return d.kind === 'refuse' ? d.refusal.code : d.kind;
};

const declared = card({ entities: [{ field: '/customer_id' }] });
const required = card({ entity_required: true });

const CELLS: readonly { cell: string; given: Partial<EntityFacts>; expected: string; why: string }[] = [
  {
    cell: 'E1',
    given: { params: { customer_id: 'cust_123', invoice_id: 'inv_456' } },
    expected: 'proceed',
    why: 'the invoice is another kind of thing',
  },
  {
    cell: 'E2',
    given: { params: { customer_id: 'cust_999', invoice_id: 'inv_456' } },
    expected: 'entity_mismatch',
    why: 'another customer',
  },
  {
    cell: 'E3',
    given: { params: { customer_id: 'CUST_123' } },
    expected: 'entity_mismatch',
    why: 'case counts',
  },
  {
    cell: 'E4',
    given: { params: { customer_id: 'cust_123\u200b' } },
    expected: 'entity_mismatch',
    why: 'a character that cannot be seen counts',
  },
  {
    cell: 'E5',
    given: { params: { customer_id: 'cust_1234' } },
    expected: 'entity_mismatch',
    why: 'a prefix is not a match',
  },
  {
    cell: 'E6',
    given: { params: { customer_id: 'acct_9' } },
    expected: 'entity_mismatch',
    why: 'the field says customer, the value does not',
  },
  {
    cell: 'E7',
    given: { params: { target: { customerId: 'cust_999' } } },
    expected: 'entity_mismatch',
    why: 'at any depth, in any spelling',
  },
  {
    cell: 'E8',
    given: { params: { customer_ids: ['cust_123', 'cust_999'] } },
    expected: 'entity_mismatch',
    why: 'each of a list',
  },
  {
    cell: 'E9',
    given: { params: { invoice_id: 'inv_456' } },
    expected: 'proceed',
    why: 'nothing to compare, and not required',
  },
  {
    cell: 'E10',
    given: { card: required, params: { invoice_id: 'inv_456' } },
    expected: 'entity_mismatch',
    why: 'required, and not named',
  },
  {
    cell: 'E11',
    given: { card: required, resolution: null },
    expected: 'entity_required',
    why: 'required, and not resolved',
  },
  {
    cell: 'E12',
    given: { resolution: null, params: { customer_id: 'cust_999' } },
    expected: 'proceed',
    why: 'the agent resolved nothing',
  },
  {
    cell: 'E13',
    given: { card: declared, params: { customer_id: 'cust_123', other_id: 'cust_999' } },
    expected: 'proceed',
    why: 'the card names the field that counts',
  },
  {
    cell: 'E14',
    given: { card: declared, params: { customer_id: 'cust_999' } },
    expected: 'entity_mismatch',
    why: 'the declared field',
  },
  {
    cell: 'E15',
    given: {
      card: declared,
      params: { customer_id: 'cust_123' },
      executionState: { variables: { customer_id: 'cust_999' } },
    },
    expected: 'entity_mismatch',
    why: 'what the agent knew says otherwise',
  },
  {
    cell: 'E16',
    given: {
      card: declared,
      params: { customer_id: 'cust_123' },
      executionState: { tool_outputs: { lookup: { customer_id: 'cust_999' } } },
    },
    expected: 'entity_mismatch',
    why: 'what a tool told it says otherwise',
  },
  {
    cell: 'E17',
    given: { card: declared, params: { customer_id: 'cust_123' }, liveState: { customer_id: 'cust_999' } },
    expected: 'entity_mismatch',
    why: 'the world says otherwise',
  },
  {
    cell: 'E18',
    given: { resolution: resolved('41'), params: { customer_id: '42', note: 'x' } },
    expected: 'entity_mismatch',
    why: 'ids without a prefix: none of them is the entity',
  },
  {
    cell: 'E19',
    given: { resolution: resolved('41'), params: { customer_id: 41, order_id: 7 } },
    expected: 'proceed',
    why: 'one of them is',
  },
  {
    cell: 'E20',
    given: { params: { customer_id: 'cust_123' }, unsettledWrite: 'exec_1' },
    expected: 'entity_quarantined',
    why: 'an earlier write is not settled',
  },
  {
    cell: 'E21',
    given: { card: card({ effect: 'read' }), params: {}, unsettledWrite: 'exec_1' },
    expected: 'proceed',
    why: 'reading is harmless',
  },
  {
    cell: 'E22',
    given: { card: card({ hold_on_unknown: false }), params: {}, unsettledWrite: 'exec_1' },
    expected: 'proceed',
    why: 'the card does not hold',
  },
  {
    cell: 'E23',
    given: { params: { customer_id: 'cust_999' }, unsettledWrite: 'exec_1' },
    expected: 'entity_mismatch',
    why: 'the mismatch is the graver answer',
  },
  {
    cell: 'E24',
    given: { params: { k: 'ok', customer: 'cust_456' } },
    expected: 'entity_mismatch',
    why: 'another id of the same kind counts, though the field is not called id',
  },
  {
    cell: 'E25',
    given: { params: { transfer: { target: ['cust_123', 'cust_456'] } } },
    expected: 'entity_mismatch',
    why: 'in a list too, at any depth',
  },
  {
    cell: 'E26',
    given: { params: { target: 'CUST_456' } },
    expected: 'entity_mismatch',
    why: 'case does not hide an id',
  },
  {
    cell: 'E27',
    given: { params: { target: 'cust_123\u200b' } },
    expected: 'entity_mismatch',
    why: 'nor does a character that cannot be seen',
  },
  {
    cell: 'E28',
    given: { params: { target: 'cust_123' }, card: required },
    expected: 'proceed',
    why: 'the entity is named, whatever the field is called',
  },
  {
    cell: 'E29',
    given: { params: { invoice: 'inv_456', note: 'cust_456 complained' } },
    expected: 'proceed',
    why: 'another kind, and a sentence',
  },
  {
    cell: 'E30',
    given: { resolution: resolved('order_123'), params: { sort_by: 'order_date' } },
    expected: 'proceed',
    why: 'a word that begins like the id is no id',
  },
  {
    cell: 'E31',
    given: { resolution: resolved('team_red'), params: { team: 'team_blue' } },
    expected: 'entity_mismatch',
    why: 'unless the ids are such words',
  },
  {
    cell: 'E32',
    given: { card: declared, params: { customer_id: 'cust_123', referred_by: 'cust_999' } },
    expected: 'proceed',
    why: 'the card names the field that counts',
  },
  {
    cell: 'E33',
    given: { params: {}, executionState: { tool_outputs: { owner: 'cust_456' } } },
    expected: 'proceed',
    why: 'what tools told is full of other ids; only what is sent counts',
  },
];

describe('entity', () => {
  test.each(CELLS)('$cell $why', ({ given, expected }) => {
    expect(decide(given)).toBe(expected);
  });
});

test('the refusal shows where the ids differ, and characters that cannot be seen', () => {
  const d = decideEntity({
    card: declared,
    resolution: resolved('cust_123'),
    params: { customer_id: 'cust_123\u200b' },
    executionState: null,
    liveState: null,
    unsettledWrite: null,
  });
  expect(d.kind === 'refuse' && d.refusal.message).toBe(
    '/params/customer_id is "cust_123\\u{200b}", but the resolved entity is "cust_123".',
  );
});

test('the entity of a call is the resolved one, else the first that the card names', () => {
  expect(entityOf(declared, resolved('cust_1'), { customer_id: 'cust_2' })).toBe('cust_1');
  expect(entityOf(declared, null, { customer_id: 'cust_2' })).toBe('cust_2');
  expect(entityOf(declared, null, {})).toBeNull();
  expect(entityOf(card(), null, { customer_id: 'cust_2' })).toBeNull();
});

test('a call and its fallback write to one entity; what only reads writes to none', () => {
  const pay = aTool({ name: 'pay', entities: [{ field: '/customer_id' }] });
  const wire = aTool({ name: 'wire', entities: [{ field: '/account_id' }] });
  const look = aTool({ name: 'look', effect: 'read', entities: [{ field: '/customer_id' }] });
  const params = { customer_id: 'cust_1', account_id: 'acc_2' };
  const written = (
    tool: typeof pay,
    fallback: typeof pay | null,
    resolution: EntityFacts['resolution'] = null,
  ) => writtenEntities({ tool, fallback }, resolution, params);
  expect(written(pay, null)).toEqual(['cust_1']);
  expect(written(pay, pay)).toEqual(['cust_1']);
  expect(written(look, null)).toEqual([]);
  expect(written(look, wire)).toEqual(['acc_2']);
  expect(written(pay, wire, resolved('cust_1'))).toEqual(['cust_1']);
  expect(decideOneEntity(['cust_1'])).toEqual({ kind: 'proceed' });
  expect(decideOneEntity(written(pay, wire))).toMatchObject({
    refusal: {
      code: 'entity_mismatch',
      errors: [
        {
          pointer: '/failure_policy/fallback',
          message: 'expected a fallback that acts on "cust_1" too; it acts on "acc_2"',
        },
      ],
    },
  });
});
