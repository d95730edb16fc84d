import { expect, test } from 'vitest';
import type { Evidence, StoredExecution, StoredVersion } from './evidence.js';
import { judge, type ViolationKind } from './judge.js';
import type { Arrival, Effect } from './ledger.js';

const DONE: StoredExecution = {
  id: 'exec_1',
  key: 'k',
  tool: 'lookup',
  state: 'completed',
  final: 'completed',
  resultText: '{"receipt":"r"}',
  epoch: 1,
  attempts: 1,
  journal: '',
};
const EFFECT: Effect = { ref: 'k', tool: 'lookup', reference: 'r', mark: 'm1', at: 110 };
const ARRIVAL: Arrival = { ...EFFECT, at: 109, fate: 'ok' };
const CLAIMED: StoredVersion = { id: 'exec_1', epoch: 1, seq: 1, state: 'running', attempts: 1, at: 100 };
const ENDED: StoredVersion = { ...CLAIMED, seq: 2, state: 'completed', at: 120 };
const WAITS: StoredVersion = { ...ENDED, state: 'needs_review' };
const FAILED: StoredVersion = { ...ENDED, state: 'failed' };
const TOLD = {
  askedAt: 95,
  at: 130,
  status: 200,
  word: 'completed',
  executionId: 'exec_1',
  final: '["completed",{"receipt":"r"}]',
  gateway: 'a',
};
const RUNS = { ...TOLD, status: 202, word: 'running', final: null };
const REFUSED = { ...TOLD, word: 'refused', executionId: null, final: null };
const CALLER = { key: 'k', tool: 'lookup', startedAt: 90, told: [TOLD], ended: true } as const;

const REVIEW = { id: 'appr_1', executionId: 'exec_1', kind: 'review', state: 'pending' };
const MESSAGE = { id: 'msg_1', topic: 'review.requested', approvalId: 'appr_1', ended: null };

/** One call that went well. */
const GOOD: Evidence = {
  executions: [DONE],
  versions: [CLAIMED, ENDED],
  approvals: [],
  messages: [],
  deliveries: [],
  effects: [EFFECT],
  arrivals: [ARRIVAL],
  callers: [CALLER],
};

/** A journal of attempts, each as its tool and its state. */
function attempted(...words: readonly string[]): string {
  const attempts = words.map((word, i) => {
    const [tool, state] = word.split(' ');
    return { n: i + 1, tool: `ledger.${tool}`, state };
  });
  return JSON.stringify({ attempts });
}

interface Cell {
  readonly cell: string;
  readonly change: Partial<Evidence>;
  readonly expected: readonly ViolationKind[];
}

const CELLS: readonly Cell[] = [
  { cell: 'all is well', change: {}, expected: [] },
  { cell: 'done twice', change: { effects: [EFFECT, { ...EFFECT, at: 115 }] }, expected: ['doubled'] },
  {
    cell: 'done twice, by two tools',
    change: { effects: [EFFECT, { ...EFFECT, tool: 'backup' }] },
    expected: ['doubled'],
  },
  { cell: 'completed and never done', change: { effects: [] }, expected: ['lost'] },
  {
    cell: 'told of and not recorded',
    change: { executions: [], versions: [], effects: [], arrivals: [] },
    expected: ['lost'],
  },
  {
    cell: 'failed and done',
    change: {
      executions: [{ ...DONE, state: 'failed', final: 'failed', resultText: null }],
      versions: [CLAIMED, FAILED],
      callers: [],
    },
    expected: ['false_failed'],
  },
  {
    cell: 'a request before its attempt was there',
    change: { versions: [{ ...CLAIMED, at: 112 }, ENDED] },
    expected: ['unrecorded'],
  },
  {
    cell: 'two requests and one attempt',
    change: { arrivals: [ARRIVAL, { ...ARRIVAL, mark: 'm2', at: 112, fate: 'busy_429' }] },
    expected: ['unrecorded'],
  },
  {
    cell: 'one request that the line delivered twice is one request',
    change: { arrivals: [ARRIVAL, { ...ARRIVAL, at: 112 }] },
    expected: [],
  },
  {
    cell: 'one request that was delivered before its attempt was there, and once more after it',
    change: { arrivals: [{ ...ARRIVAL, at: 99 }, ARRIVAL] },
    expected: ['unrecorded'],
  },
  {
    cell: 'two requests that carry no mark, and one attempt',
    change: {
      arrivals: [
        { ...ARRIVAL, mark: '' },
        { ...ARRIVAL, mark: '', at: 112 },
      ],
    },
    expected: ['unrecorded'],
  },
  {
    cell: 'done for nobody',
    change: { arrivals: [ARRIVAL, { ...ARRIVAL, ref: 'other', mark: 'm2' }] },
    expected: ['unrecorded'],
  },
  {
    cell: 'told something else than is recorded',
    change: { callers: [{ ...CALLER, told: [{ ...TOLD, final: '["failed",null]' }] }] },
    expected: ['changed'],
  },
  {
    cell: 'failed, and told so as a problem',
    change: {
      executions: [{ ...DONE, tool: 'read', state: 'failed', final: 'failed', resultText: '{"error":"no"}' }],
      versions: [CLAIMED, FAILED],
      callers: [{ ...CALLER, told: [{ ...TOLD, status: 502, word: 'failed', final: '["failed"]' }] }],
    },
    expected: [],
  },
  {
    cell: 'completed, and told as failed in a problem',
    change: { callers: [{ ...CALLER, told: [{ ...TOLD, word: 'failed', final: '["failed"]' }] }] },
    expected: ['changed'],
  },
  {
    cell: 'told that it runs, after it was told that it is done',
    change: { callers: [CALLER, { ...CALLER, told: [{ ...RUNS, askedAt: 131, at: 140 }] }] },
    expected: ['changed'],
  },
  {
    cell: 'told that it runs, and asked before anybody knew more',
    change: { callers: [CALLER, { ...CALLER, told: [{ ...RUNS, askedAt: 129, at: 140 }] }] },
    expected: [],
  },
  {
    cell: 'refused as another call, after it was told that it is done',
    change: { callers: [CALLER, { ...CALLER, told: [{ ...REFUSED, status: 422, askedAt: 131 }] }] },
    expected: ['changed'],
  },
  {
    cell: 'told nothing, after it was told that it is done',
    change: { callers: [CALLER, { ...CALLER, told: [{ ...REFUSED, status: 503, askedAt: 131 }] }] },
    expected: [],
  },
  {
    cell: 'the result of another call',
    change: {
      executions: [{ ...DONE, resultText: '{"receipt":"other"}' }],
      callers: [{ ...CALLER, told: [{ ...TOLD, final: '["completed",{"receipt":"other"}]' }] }],
    },
    expected: ['mixed_up'],
  },
  {
    cell: 'recorded once, told to nobody, and not there any more',
    change: { versions: [CLAIMED, ENDED, { ...CLAIMED, id: 'exec_2' }] },
    expected: ['lost'],
  },
  {
    cell: 'not as it was last seen',
    change: { versions: [CLAIMED] },
    expected: ['changed'],
  },
  {
    cell: 'told two things',
    change: { callers: [{ ...CALLER, told: [TOLD, { ...TOLD, executionId: 'exec_2' }] }] },
    expected: ['changed', 'lost'],
  },
  {
    cell: 'written after the end',
    change: { versions: [CLAIMED, ENDED, { ...ENDED, seq: 3 }] },
    expected: ['changed'],
  },
  {
    cell: 'written by an older epoch',
    change: { versions: [CLAIMED, { ...CLAIMED, epoch: 2, seq: 2 }, { ...ENDED, seq: 3 }] },
    expected: ['went_back'],
  },
  {
    cell: 'still open',
    change: {
      executions: [{ ...DONE, state: 'unknown', resultText: null }],
      versions: [CLAIMED, { ...ENDED, state: 'unknown' }],
      callers: [],
    },
    expected: ['stuck'],
  },
  {
    cell: 'waits for people, and nobody is asked',
    change: {
      executions: [{ ...DONE, state: 'needs_review', resultText: null }],
      versions: [CLAIMED, WAITS],
      callers: [],
    },
    expected: ['stuck'],
  },
  {
    cell: 'waits for people',
    change: {
      executions: [{ ...DONE, state: 'needs_review', resultText: null }],
      versions: [CLAIMED, WAITS],
      approvals: [REVIEW],
      messages: [MESSAGE],
      callers: [],
    },
    expected: [],
  },
  {
    cell: 'waits for people, who are not told',
    change: {
      executions: [{ ...DONE, state: 'needs_review', resultText: null }],
      versions: [CLAIMED, WAITS],
      approvals: [REVIEW],
      callers: [],
    },
    expected: ['untold'],
  },
  {
    cell: 'told, and nothing arrived',
    change: {
      executions: [{ ...DONE, state: 'needs_review', resultText: null }],
      versions: [CLAIMED, WAITS],
      approvals: [REVIEW],
      messages: [{ ...MESSAGE, ended: 'delivered' }],
      deliveries: ['msg_2'],
      callers: [],
    },
    expected: ['untold'],
  },
  {
    cell: 'told of what was given up',
    change: {
      executions: [{ ...DONE, state: 'needs_review', resultText: null }],
      versions: [CLAIMED, WAITS],
      approvals: [REVIEW],
      messages: [{ ...MESSAGE, ended: 'dead' }],
      callers: [],
    },
    expected: ['untold'],
  },
  {
    cell: 'many messages, and none has arrived',
    change: {
      messages: Array.from({ length: 10 }, (_, i) => ({
        ...MESSAGE,
        id: `m${i}`,
        topic: 'x',
        approvalId: null,
      })),
    },
    expected: ['untold'],
  },
  {
    cell: 'a caller without an answer',
    change: { callers: [{ ...CALLER, told: [], ended: false }] },
    expected: ['stuck'],
  },
  {
    cell: 'a tool that nobody can ask, asked twice',
    change: {
      executions: [{ ...DONE, tool: 'blind' }],
      versions: [CLAIMED, { ...CLAIMED, seq: 2, attempts: 2, at: 105 }, { ...ENDED, seq: 3, attempts: 2 }],
      arrivals: [
        { ...ARRIVAL, tool: 'blind', fate: 'lost_before' },
        { ...ARRIVAL, tool: 'blind', mark: 'm2', at: 110 },
      ],
    },
    expected: ['unbounded'],
  },
  {
    cell: 'sent again without proof',
    change: { executions: [{ ...DONE, journal: attempted('lookup unknown', 'lookup ok') }] },
    expected: ['unbounded'],
  },
  {
    cell: 'sent again, as nobody could be reached, and then as it was found absent',
    change: {
      executions: [
        { ...DONE, journal: attempted('lookup not_sent', 'lookup confirmed_absent', 'lookup ok') },
      ],
    },
    expected: [],
  },
  {
    cell: 'sent again under its key',
    change: { executions: [{ ...DONE, tool: 'keyed', journal: attempted('keyed unknown', 'keyed ok') }] },
    expected: [],
  },
  {
    cell: 'another tool without proof',
    change: { executions: [{ ...DONE, journal: attempted('keyed unknown', 'backup ok') }] },
    expected: ['unbounded'],
  },
  {
    cell: 'sent without a yes',
    change: { executions: [{ ...DONE, tool: 'approved' }] },
    expected: ['unbounded'],
  },
];

test.each(CELLS)('$cell', ({ change, expected }) => {
  const { violations } = judge({ ...GOOD, ...change }, { completed: 0, takeovers: 0 });
  expect(violations.map((v) => v.kind).sort()).toEqual([...expected].sort());
});

test('a run in which nothing came about is no proof', () => {
  const { violations } = judge(GOOD, { completed: 2, takeovers: 1, shares: { reconciled: 1 } });
  expect(violations.map((v) => v.kind)).toEqual(['vacuous', 'vacuous', 'vacuous']);
  const failed = { ...GOOD, executions: [{ ...DONE, state: 'needs_review' }] };
  const shares = judge(failed, { completed: 0, takeovers: 0, shares: { completed: 1 } }).violations;
  expect(shares.map((v) => v.kind)).toContain('vacuous');
});
