import { APPROVAL_STATE } from '@invoke/contract';
import { expect, test } from 'vitest';
import { fullAccess } from '../access/to-principal.js';
import { epochMs } from '../time.js';
import type { ApprovalRecord } from './approval-record.js';
import { decideVote, refuseDecision, toResolution, type Vote, type VoteFacts } from './decide-vote.js';

const NOW = epochMs(1_000);
const approval = (more: Partial<ApprovalRecord> = {}) =>
  ({
    id: 'appr_1',
    kind: 'approval',
    state: 'pending',
    requestedBy: 'asker',
    digest: 'sha256:aa',
    votes: [],
    approversNeeded: 1,
    nextId: null,
    expiresAt: epochMs(2_000),
    ...more,
  }) as unknown as ApprovalRecord;
const facts = (more: Partial<VoteFacts> = {}): VoteFacts => ({
  approval: approval(),
  principal: fullAccess('approver'),
  shownDigest: null,
  storedDigest: 'sha256:aa',
  ...more,
});
const words = (vote: Vote) => (vote.kind === 'refused' ? vote.refusal.code : vote.kind);
const vote = { keyId: 'first', reviewedBy: null, comment: null, at: NOW };

const CELLS: readonly { cell: string; given: Partial<VoteFacts>; expected: string; why: string }[] = [
  { cell: 'V1', given: {}, expected: 'revalidate', why: 'one is enough' },
  { cell: 'V2', given: { shownDigest: 'sha256:aa' }, expected: 'revalidate', why: 'it is what was shown' },
  {
    cell: 'V3',
    given: { shownDigest: 'sha256:bb' },
    expected: 'approval_digest_mismatch',
    why: 'something else was shown',
  },
  {
    cell: 'V4',
    given: { storedDigest: 'sha256:bb' },
    expected: 'approval_digest_mismatch',
    why: 'the row was changed behind our back',
  },
  {
    cell: 'V5',
    given: { principal: fullAccess('asker') },
    expected: 'self_approval_denied',
    why: 'who asks does not decide',
  },
  {
    cell: 'V6',
    given: { approval: approval({ approversNeeded: 2 }) },
    expected: 'one_of_several',
    why: 'another one is needed',
  },
  {
    cell: 'V7',
    given: { approval: approval({ approversNeeded: 2, votes: [vote] }) },
    expected: 'revalidate',
    why: 'this is the second',
  },
  {
    cell: 'V8',
    given: { approval: approval({ approversNeeded: 2, votes: [{ ...vote, keyId: 'approver' }] }) },
    expected: 'approval_conflict',
    why: 'nobody counts twice',
  },
  {
    cell: 'V10',
    given: {
      approval: approval({ approversNeeded: 2, votes: [{ ...vote, lineage: ['admin', 'first'] }] }),
      principal: { ...fullAccess('approver'), madeBy: ['admin'] },
    },
    expected: 'approval_conflict',
    why: 'who makes two keys is one approver',
  },
  {
    cell: 'V11',
    given: {
      approval: approval({ approversNeeded: 2, votes: [{ ...vote, lineage: ['approver', 'first'] }] }),
    },
    expected: 'approval_conflict',
    why: 'a key that one has made has said yes for its maker',
  },
  {
    cell: 'V12',
    given: {
      approval: approval({ approversNeeded: 2, votes: [{ ...vote, keyId: 'admin' }] }),
      principal: { ...fullAccess('approver'), madeBy: ['admin'] },
    },
    expected: 'approval_conflict',
    why: 'the maker has said yes for the key, also in a vote of an earlier version',
  },
  {
    cell: 'V13',
    given: {
      approval: approval({ approversNeeded: 2, votes: [{ ...vote, lineage: ['one', 'first'] }] }),
      principal: { ...fullAccess('approver'), madeBy: ['other'] },
    },
    expected: 'revalidate',
    why: 'two people have made them',
  },
  {
    cell: 'V14',
    given: { approval: approval({ requestedBy: 'agent' }), principal: fullAccess('admin') },
    expected: 'revalidate',
    why: 'who makes the keys of agents decides on what they ask for',
  },
  {
    cell: 'V9',
    given: { approval: approval({ kind: 'review' }) },
    expected: 'approval_conflict',
    why: 'a yes does not say what became of a call',
  },
];

test.each(CELLS)('$cell: $why', ({ given, expected }) => {
  expect(words(decideVote(facts(given)))).toBe(expected);
});

test('a digest that is cut off is told so, and not that something else would be executed', () => {
  const said = (shownDigest: string) => refuseDecision(facts({ shownDigest }), 'approval')?.message;
  expect(said('sha256:a')).toContain('This digest is cut off');
  expect(said('sha256:bb')).toContain('is not what was shown');
});

test.each([
  { kind: 'review', effect: 'none', expected: ['retry', 'not_applied'], why: 'whether to try once more' },
  { kind: 'review', effect: 'unknown', expected: [null, null], why: 'neither word says what happened' },
  { kind: 'approval', effect: null, expected: [null, null], why: 'nothing was sent yet' },
] as const)(
  'a yes and a no to a $kind (effect: $effect) mean $expected: $why',
  ({ kind, effect, expected }) => {
    const failure = effect === null ? null : { code: 'x', message: 'm', effect };
    const asked = approval({ kind, failure });
    expect([toResolution(asked, 'yes'), toResolution(asked, 'no')]).toEqual(expected);
  },
);

test.each([
  ['approval', 'approval', null],
  ['review', 'review', null],
  ['review', 'approval', '/v1/approvals/appr_1/resolve'],
  ['approval', 'review', '/v1/approvals/appr_1/approve'],
] as const)('a %s that is decided like an %s: %s', (kind, decides, next) => {
  const refusal = refuseDecision(facts({ approval: approval({ kind }) }), decides);
  expect(refusal?.message ?? null).toEqual(next === null ? null : expect.stringContaining(next));
});

test.each(Object.values(APPROVAL_STATE))('%s', (state) => {
  const expected =
    state === 'pending' ? 'revalidate' : state === 'expired' ? 'too_late' : 'approval_conflict';
  expect(words(decideVote(facts({ approval: approval({ state }) })))).toBe(expected);
});
