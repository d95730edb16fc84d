import { KeyGrant } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { decideGrant } from './decide-grant.js';
import { fullAccess, toPrincipal } from './to-principal.js';

const ADMIN = { scopes: ['providers:admin', 'tools:call'] };

const decide = (own: object | null, wanted: object): string => {
  const principal = own === null ? fullAccess('key_1') : toPrincipal('key_1', KeyGrant.parse(own));
  const decision = decideGrant(principal, KeyGrant.parse(wanted));
  if (decision.kind !== 'refuse') return decision.kind;
  const { code, details = {} } = decision.refusal;
  return [code, details['limit'] ?? details['missing_scope']].join(' ').trim();
};

const CELLS: readonly {
  readonly cell: string;
  readonly own: object | null;
  readonly wanted: object;
  readonly expected: string;
  readonly why: string;
}[] = [
  {
    cell: 'G1',
    own: null,
    wanted: { scopes: ['providers:admin', 'approvals:write'] },
    expected: 'proceed',
    why: 'a key without limits may grant anything',
  },
  { cell: 'G2', own: null, wanted: { tenant: 'b' }, expected: 'context_denied tenant', why: 'but at home' },
  {
    cell: 'G3',
    own: { scopes: ['tools:call'] },
    wanted: { scopes: ['tools:call'] },
    expected: 'insufficient_scope providers:admin',
    why: 'who calls tools does not make keys',
  },
  {
    cell: 'G4',
    own: ADMIN,
    wanted: { scopes: ['tools:call'] },
    expected: 'proceed',
    why: 'a part of its own',
  },
  { cell: 'G5', own: ADMIN, wanted: {}, expected: 'proceed', why: 'a key that may do nothing' },
  {
    cell: 'G6',
    own: ADMIN,
    wanted: { scopes: ['tools:call', 'approvals:write'] },
    expected: 'insufficient_scope approvals:write',
    why: 'it does not have that itself',
  },
  {
    cell: 'G7',
    own: { ...ADMIN, read_only: true },
    wanted: { scopes: ['tools:call'] },
    expected: 'context_denied read_only',
    why: 'who only reads makes only readers',
  },
  {
    cell: 'G8',
    own: { ...ADMIN, read_only: true },
    wanted: { read_only: true },
    expected: 'proceed',
    why: 'a reader',
  },
  {
    cell: 'G9',
    own: { ...ADMIN, agent_id: 'a' },
    wanted: {},
    expected: 'context_denied agent_id',
    why: 'without an agent it could act as any',
  },
  {
    cell: 'G10',
    own: { ...ADMIN, agent_id: 'a' },
    wanted: { agent_id: 'b' },
    expected: 'context_denied agent_id',
    why: 'another agent',
  },
  {
    cell: 'G11',
    own: { ...ADMIN, agent_id: 'a' },
    wanted: { agent_id: 'a' },
    expected: 'proceed',
    why: 'itself',
  },
  {
    cell: 'G12',
    own: { ...ADMIN, expires_at: '2026-06-01T00:00:00Z' },
    wanted: {},
    expected: 'context_denied expires_at',
    why: 'it would live for ever',
  },
  {
    cell: 'G13',
    own: { ...ADMIN, expires_at: '2026-06-01T00:00:00Z' },
    wanted: { expires_at: '2026-06-01T00:00:01Z' },
    expected: 'context_denied expires_at',
    why: 'it would outlive its maker',
  },
  {
    cell: 'G14',
    own: { ...ADMIN, expires_at: '2026-06-01T00:00:00Z' },
    wanted: { expires_at: '2026-06-01T02:00:00+02:00' },
    expected: 'proceed',
    why: 'the same instant in other words',
  },
];

describe('who may hand out which key', () => {
  test.each(CELLS)('$cell $why', ({ own, wanted, expected }) => {
    expect(decide(own, wanted)).toBe(expected);
  });

  test.each(['allowed_tools', 'envs', 'agents', 'workflows', 'allowed_actions', 'resources'])(
    '%s: a list of its own binds the new key, and an empty one is narrower than any',
    (limit) => {
      const own = { ...ADMIN, [limit]: ['x', 'y'] };
      const results = [{}, { [limit]: ['x', 'z'] }, { [limit]: ['x'] }, { [limit]: [] }].map((wanted) =>
        decide(own, wanted),
      );
      expect(results).toEqual([`context_denied ${limit}`, `context_denied ${limit}`, 'proceed', 'proceed']);
      expect(decide(ADMIN, { [limit]: ['x'] })).toBe('proceed');
    },
  );
});
