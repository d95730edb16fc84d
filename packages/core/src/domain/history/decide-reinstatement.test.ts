import type { AttemptState, ExecutionState } from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import type { ExecutionRecord } from '../execution/execution-record.js';
import { EMPTY_JOURNAL, lastAttempt, withAttempt } from '../execution/journal.js';
import { epochMs } from '../time.js';
import { decideReinstatement } from './decide-reinstatement.js';

const NOW = epochMs(9_000);

function record(state: ExecutionState, fields: Partial<ExecutionRecord> = {}): ExecutionRecord {
  const attempt = {
    n: 1,
    role: 'primary',
    tool: 'charge',
    toolVersion: 'v1',
    downstreamKey: 'ivk_1',
    state: 'started' as AttemptState,
    certainty: null,
    reason: null,
    startedAt: epochMs(1),
    sendBy: epochMs(2),
    endedAt: null,
  } as const;
  return {
    id: 'exec_1',
    tenant: 'default',
    env: 'default',
    keyDigest: 'd',
    idempotencyKey: 'k',
    fingerprint: 'f',
    tool: 'charge',
    toolVersion: 'v1',
    action: null,
    agentId: null,
    workflow: null,
    keyId: 'key_1',
    entityId: null,
    traceId: 'trace_1',
    request: {} as ExecutionRecord['request'],
    state,
    epoch: 2,
    seq: 5,
    owner: 'me-before',
    token: `token of ${state}`,
    journal: withAttempt(EMPTY_JOURNAL, attempt),
    resultText: state === 'completed' ? '{"ok":true}' : null,
    outcome: null,
    notBeforeAt: null,
    createdAt: epochMs(1),
    updatedAt: epochMs(2),
    finishedAt: state === 'completed' ? epochMs(3) : null,
    ...fields,
  };
}

const decide = (remembered: ExecutionRecord, stored: ExecutionRecord | null, driven = false) =>
  decideReinstatement({ remembered, stored, driven, owner: 'me', token: 't', now: NOW });

const CELLS: readonly {
  readonly cell: string;
  readonly remembered: ExecutionRecord;
  readonly stored: ExecutionRecord | null;
  readonly expected: string;
  readonly why: string;
}[] = [
  {
    cell: 'R1',
    remembered: record('running'),
    stored: record('running'),
    expected: 'kept',
    why: 'the very version is there',
  },
  {
    cell: 'R2',
    remembered: record('running'),
    stored: record('completed', { seq: 6 }),
    expected: 'kept',
    why: 'others have ended it',
  },
  {
    cell: 'R3',
    remembered: record('running'),
    stored: record('unknown', { epoch: 3, seq: 4 }),
    expected: 'kept',
    why: 'others have taken it over from an older version',
  },
  {
    cell: 'R4',
    remembered: record('running'),
    stored: record('retry_wait', { seq: 4 }),
    expected: 'unknown epoch 3 seq 6 owner me over 2/4',
    why: 'an attempt was lost',
  },
  {
    cell: 'R5',
    remembered: record('running'),
    stored: null,
    expected: 'unknown epoch 3 seq 6 owner me',
    why: 'all of it was lost, and it may have been sent',
  },
  {
    cell: 'R6',
    remembered: record('completed'),
    stored: null,
    expected: 'completed epoch 3 seq 6 owner null',
    why: 'what was answered stays the answer',
  },
  {
    cell: 'R7',
    remembered: record('completed'),
    stored: record('unknown', { epoch: 7, seq: 9 }),
    expected: 'completed epoch 8 seq 10 owner null over 7/9',
    why: 'however far others have come with what they know',
  },
  {
    cell: 'R8',
    remembered: record('completed', { token: 'mine' }),
    stored: record('failed', { token: 'theirs' }),
    expected: 'kept',
    why: 'no answer is ever taken back',
  },
  {
    cell: 'R9',
    remembered: record('needs_review', { owner: null }),
    stored: null,
    expected: 'unknown epoch 3 seq 6 owner me',
    why: 'its review is lost too, and is opened again by who finds nothing out',
  },
  {
    cell: 'R10',
    remembered: record('retry_wait'),
    stored: null,
    expected: 'retry_wait epoch 3 seq 6 owner me',
    why: 'nothing had been begun',
  },
];

describe('what becomes of a version that a database has lost', () => {
  test.each(CELLS)('$cell $why', ({ remembered, stored, expected }) => {
    const decided = decide(remembered, stored);
    if (decided.kind === 'kept') return expect('kept').toBe(expected);
    const { record: put, over } = decided;
    const told = `${put.state} epoch ${put.epoch} seq ${put.seq} owner ${put.owner}`;
    expect(over === null ? told : `${told} over ${over.epoch}/${over.seq}`).toBe(expected);
    expect(put.resultText).toBe(remembered.resultText);
    expect(put.journal.steps.at(-1)?.step).toBe('reinstated');
  });

  test('an attempt that had been started is unknown from then on, and nothing else about it changes', () => {
    const decided = decide(record('running'), null);
    if (decided.kind === 'kept') throw new Error('it was lost');
    expect(lastAttempt(decided.record.journal)).toMatchObject({
      state: 'unknown',
      certainty: 'unknown',
      reason: 'history_lost',
      endedAt: NOW,
      downstreamKey: 'ivk_1',
    });
  });

  test('what is being worked on is put back to the letter, so that the next write finds it', () => {
    const remembered = record('running');
    expect(decide(remembered, null, true)).toEqual({ kind: 'restore', record: remembered, over: null });
    const older = record('retry_wait', { seq: 4 });
    expect(decide(remembered, older, true)).toEqual({
      kind: 'restore',
      record: remembered,
      over: { epoch: 2, seq: 4 },
    });
    expect(decide(remembered, record('unknown', { epoch: 3, seq: 6 }), true)).toEqual({ kind: 'kept' });
  });
});
