import { KeyGrant } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import type { FoundTool } from '../tool/catalogue.js';
import { aTool } from '../test-tools.js';
import { fullAccess, toPrincipal } from './to-principal.js';
import { isInSight, isWithinLimits, type RecordedCall } from './within-limits.js';

const TOOLS = new Map(
  [
    aTool({ name: 'crm', entities: [{ field: '/customer', prefix: 'cust_' }], action: 'update' }),
    aTool({ name: 'other' }),
    aTool({ name: 'look', effect: 'read' }),
  ].map((tool) => [tool.id, tool]),
);
const find = (reference: string): FoundTool => {
  const tool = TOOLS.get(reference);
  return tool === undefined ? { kind: 'none' } : { kind: 'found', tool };
};

const CALL: RecordedCall = {
  tool: 'crm',
  action: 'update',
  params: { customer: '1' },
  agentId: 'a',
  env: 'dev',
  workflow: 'w',
  resource: null,
};
const WITH_FALLBACK = { ...CALL, fallback: { tool: 'other', version: '1', action: 'replace' } };
const GONE = { ...CALL, tool: 'gone' };

/** What a key may decide on, and what it may look at. */
const CELLS: readonly {
  readonly cell: string;
  readonly grant: object;
  readonly call: RecordedCall;
  readonly expected: readonly [decides: boolean, looks: boolean];
  readonly why: string;
}[] = [
  { cell: 'L1', grant: { allowed_tools: ['crm'] }, call: CALL, expected: [true, true], why: 'listed' },
  {
    cell: 'L2',
    grant: { allowed_tools: ['other'] },
    call: CALL,
    expected: [false, false],
    why: 'not listed',
  },
  {
    cell: 'L3',
    grant: { allowed_tools: ['crm'] },
    call: WITH_FALLBACK,
    expected: [false, false],
    why: 'its fallback is reached by the same yes',
  },
  {
    cell: 'L4',
    grant: { read_only: true },
    call: CALL,
    expected: [false, true],
    why: 'looking writes nothing',
  },
  {
    cell: 'L5',
    grant: { read_only: true },
    call: { ...CALL, tool: 'look' },
    expected: [true, true],
    why: 'what reads may be asked for by a key that reads',
  },
  { cell: 'L6', grant: { agent_id: 'a' }, call: CALL, expected: [true, true], why: 'its own agent' },
  { cell: 'L7', grant: { agent_id: 'b' }, call: CALL, expected: [false, false], why: 'another agent' },
  {
    cell: 'L8',
    grant: { agent_id: 'a' },
    call: { ...CALL, agentId: null },
    expected: [false, false],
    why: "a call that nobody made is not the own agent's",
  },
  {
    cell: 'L9',
    grant: { agents: ['b'] },
    call: CALL,
    expected: [false, false],
    why: 'not one of its agents',
  },
  { cell: 'L10', grant: { envs: ['prod'] }, call: CALL, expected: [false, false], why: 'elsewhere' },
  { cell: 'L11', grant: { workflows: ['v'] }, call: CALL, expected: [false, false], why: 'another workflow' },
  {
    cell: 'L12',
    grant: { workflows: ['w'] },
    call: { ...CALL, workflow: null },
    expected: [false, false],
    why: 'a list limits also what names none',
  },
  { cell: 'L13', grant: { resources: ['cust_1'] }, call: CALL, expected: [true, true], why: 'its resource' },
  { cell: 'L14', grant: { resources: ['cust_2'] }, call: CALL, expected: [false, false], why: 'another one' },
  {
    cell: 'L15',
    grant: { allowed_actions: ['update'] },
    call: WITH_FALLBACK,
    expected: [false, false],
    why: 'its fallback does something else',
  },
  {
    cell: 'L16',
    grant: { allowed_tools: ['gone'] },
    call: GONE,
    expected: [true, true],
    why: 'listed by name',
  },
  {
    cell: 'L17',
    grant: { resources: ['cust_1'] },
    call: GONE,
    expected: [false, false],
    why: 'nobody knows any more what its params name',
  },
];

describe('what the limits of a key reach of what was recorded', () => {
  test.each(CELLS)('$cell $why', ({ grant, call, expected }) => {
    const principal = toPrincipal('key_1', KeyGrant.parse(grant));
    expect([isWithinLimits(principal, call, find), isInSight(principal, call, find)]).toEqual(expected);
  });

  test.each([
    CALL,
    WITH_FALLBACK,
    GONE,
    { ...CALL, action: 'renamed since' },
    { ...CALL, agentId: null, env: null, workflow: null, params: {} },
  ])('a key without limits reaches everything', (call) => {
    expect(isWithinLimits(fullAccess('key_1'), call, find)).toBe(true);
  });
});
