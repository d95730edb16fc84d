import {
  EXECUTION_STATE,
  IdempotencyHints,
  type CallPolicy,
  type CallRequest,
  type ExecutionState,
} from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import type { ExecutionRecord } from '../execution/execution-record.js';
import { decideClaim } from './decide-claim.js';
import { contractText, keyOf, mergeIdempotencyKey } from './key-material.js';

const record = (state: ExecutionState, policy: CallPolicy | null = null) =>
  ({ id: 'exec_1', fingerprint: 'v1:aa', state, request: { policy } }) as ExecutionRecord;
const asked = (
  fingerprint: string,
  { policy = null, keyFields = [] }: { policy?: CallPolicy | null; keyFields?: readonly string[] } = {},
) => ({ fingerprint, contract: contractText(policy), keyFields });
const short = (d: ReturnType<typeof decideClaim>) =>
  d.kind === 'refuse' ? d.refusal.code : d.kind === 'answer' ? d.how : d.kind;

describe('a key that is known already', () => {
  const expected: Record<ExecutionState, string> = {
    accepted: 'attach',
    awaiting_approval: 'current',
    running: 'attach',
    retry_wait: 'attach',
    unknown: 'current',
    reconciling: 'current',
    needs_review: 'current',
    completed: 'replay',
    failed: 'replay',
    blocked: 'replay',
    denied: 'replay',
    rejected: 'replay',
    cancelled: 'replay',
    expired: 'replay',
    replan_required: 'replay',
  };
  for (const state of Object.values(EXECUTION_STATE)) {
    test(`${state}: the same call -> ${expected[state]}, another call -> refused`, () => {
      expect(short(decideClaim({ kind: 'execution', record: record(state) }, asked('v1:aa')))).toBe(
        expected[state],
      );
      expect(short(decideClaim({ kind: 'execution', record: record(state) }, asked('v1:bb')))).toBe(
        'idempotency_key_reused',
      );
    });
  }
});

test('a pruned key is never executed again, and a reused one is told so', () => {
  const tombstone = { kind: 'tombstone', tombstone: { fingerprint: 'v1:aa' } } as const;
  expect(short(decideClaim(tombstone, asked('v1:aa')))).toBe('idempotency_key_expired');
  expect(short(decideClaim(tombstone, asked('v1:bb')))).toBe('idempotency_key_reused');
  expect(short(decideClaim({ kind: 'none' }, asked('v1:aa')))).toBe('proceed');
});

test('nothing of the stored call is shown to who reuses its key', () => {
  const d = decideClaim({ kind: 'execution', record: record('completed') }, asked('v1:bb'));
  expect(JSON.stringify(d)).not.toMatch(/exec_1|v1:/);
});

test.each([
  {
    keyFields: [],
    says: 'This idempotency key already names a call with other parameters. Send the same parameters again to get the answer of that call; for new work use a new key.',
  },
  {
    keyFields: ['order_id', 'line'],
    says: 'The card of this tool derives the idempotency key from order_id, line, and a call with the same values but other parameters was made before. Send the same parameters again to get the answer of that call; for new work send an idempotency_key of your own.',
  },
])('who reuses a key learns where it comes from and what to do: $keyFields', ({ keyFields, says }) => {
  const d = decideClaim({ kind: 'execution', record: record('completed') }, asked('v1:bb', { keyFields }));
  expect(d.kind === 'refuse' && d.refusal.message).toBe(says);
});

const BALANCE: CallPolicy = { intent: 'pay', conditions: { balance: '> 0', open: true } };
const STRICTER: CallPolicy = { intent: 'pay', conditions: { balance: '> 1000', open: true } };
const RULE = { when: 'action == pay', effect: 'deny', priority: 0 } as const;

describe('the contract of a call', () => {
  test.each<{ cell: string; was: CallPolicy | null; is: CallPolicy | null; same: boolean; why: string }>([
    { cell: 'K1', was: BALANCE, is: BALANCE, same: true, why: 'word for word' },
    { cell: 'K2', was: BALANCE, is: STRICTER, same: false, why: 'another bound' },
    { cell: 'K3', was: null, is: BALANCE, same: false, why: 'it had none' },
    { cell: 'K4', was: BALANCE, is: null, same: false, why: 'it has none any more' },
    {
      cell: 'K5',
      was: BALANCE,
      is: { intent: 'pay', conditions: { open: true, balance: '> 0' } },
      same: true,
      why: 'the order of conditions says nothing',
    },
    { cell: 'K6', was: BALANCE, is: { ...BALANCE, threshold: 'strict' }, same: true, why: 'said by default' },
    { cell: 'K7', was: BALANCE, is: { ...BALANCE, threshold: 'conditions' }, same: false, why: 'looser' },
    {
      cell: 'K8',
      was: { intent: 'pay', condition: 'balance > 0' },
      is: { intent: 'pay', condition: 'balance > 1' },
      same: false,
      why: 'another condition',
    },
    {
      cell: 'K9',
      was: BALANCE,
      is: { ...BALANCE, allowed_action: 'pay' },
      same: false,
      why: 'another action',
    },
    {
      cell: 'K10',
      was: null,
      is: { rules: [RULE] },
      same: true,
      why: 'rules decide on a call, they are not it',
    },
    {
      cell: 'K11',
      was: BALANCE,
      is: { ...BALANCE, expires_at: '2027-01-01T00:00:00Z' },
      same: true,
      why: 'timestamps do not count',
    },
  ])('$cell $why', ({ was, is, same }) => {
    const known = { kind: 'execution', record: record('completed', was) } as const;
    expect(short(decideClaim(known, asked('v1:aa', { policy: is })))).toBe(
      same ? 'replay' : 'idempotency_key_reused',
    );
  });

  test('who asks under another one is told which fields, and nothing of what was sent', () => {
    const decision = decideClaim({ kind: 'execution', record: record('completed', BALANCE) }, asked('v1:aa'));
    expect(JSON.stringify(decision)).toMatch(/policy\.conditions/);
    expect(JSON.stringify(decision)).not.toMatch(/exec_1|balance/);
  });
});

describe('the key of a call', () => {
  const facts = (params: Record<string, unknown>) => ({
    tool: 'create_issue',
    action: null,
    agentId: 'a',
    params,
    entityId: null,
  });
  const request = (more: Partial<CallRequest>) =>
    ({ tool: 'create_issue', params: {}, ...more }) as CallRequest;
  const hints = (more: object) => IdempotencyHints.parse(more);

  test("the caller's key wins", () => {
    expect(
      keyOf(
        hints({ mode: 'automatic', key_fields: ['t'] }),
        request({ idempotency_key: 'k' }),
        facts({ t: 1 }),
      ),
    ).toEqual({ kind: 'given', key: 'k' });
  });
  test('automatic keys come from the key fields, whatever else differs', () => {
    const auto = hints({ mode: 'automatic', key_fields: ['team', 'title'] });
    const of = (params: Record<string, unknown>) => keyOf(auto, request({}), facts(params));
    expect(of({ team: 't', title: 'x', body: 1 })).toEqual(of({ title: 'x', team: 't', body: 2 }));
    expect(of({ team: 't', title: 'x' })).not.toEqual(of({ team: 't', title: 'y' }));
    expect(of({ team: 't' })).toEqual({ kind: 'none' });
  });
  test('a key that a client library made up gives way to a derived one, and to nothing else', () => {
    const auto = hints({ mode: 'automatic', key_fields: ['team'] });
    expect(keyOf(auto, request({ idempotency_key: 'auto_1' }), facts({ team: 't' })).kind).toBe('derived');
    expect(keyOf(hints({}), request({ idempotency_key: 'auto_1' }), facts({ team: 't' }))).toEqual({
      kind: 'given',
      key: 'auto_1',
    });
  });
  test('automatic without key fields does not make all calls one call', () => {
    expect(keyOf(hints({ mode: 'automatic' }), request({}), facts({}))).toEqual({ kind: 'none' });
    expect(keyOf(hints({}), request({}), facts({ t: 1 }))).toEqual({ kind: 'none' });
  });
});

describe('the key in header and body', () => {
  test.each([
    [undefined, undefined, { kind: 'ok', key: undefined }],
    [undefined, 'b', { kind: 'ok', key: 'b' }],
    ['h', undefined, { kind: 'ok', key: 'h' }],
    ['"h"', undefined, { kind: 'ok', key: 'h' }],
    ['"a\\"b"', undefined, { kind: 'ok', key: 'a"b' }],
    [
      '"linear:Investigate webhook drift:team_123"',
      undefined,
      { kind: 'ok', key: 'linear:Investigate webhook drift:team_123' },
    ],
    [' h ', 'h', { kind: 'ok', key: 'h' }],
  ])('%j and %j', (header, body, expected) => {
    expect(mergeIdempotencyKey(header, body)).toEqual(expected);
  });
  test.each([
    ['', undefined],
    ['""', undefined],
    ['a\tb', undefined],
    ['x'.repeat(256), undefined],
    ['h\u00e4', undefined],
    ['h', 'other'],
  ])('%j and %j cannot be used', (header, body) => {
    expect(mergeIdempotencyKey(header, body).kind).toBe('bad');
  });
});
