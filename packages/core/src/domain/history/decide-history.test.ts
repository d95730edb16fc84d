import { describe, expect, test } from 'vitest';
import { epochMs } from '../time.js';
import { decideHistory, type HistoryFacts } from './decide-history.js';

const NOW = epochMs(10_000_000);
const ago = (ms: number) => epochMs(NOW - ms);
const MARK = { line: 'a/1', position: 100 };
const RECORD = { line: 'a/1', seenAt: ago(5_000), changedAt: null, quarantined: false };

const CELLS: readonly {
  readonly cell: string;
  readonly facts: Partial<HistoryFacts>;
  readonly expected: { readonly changedAt: number | null; readonly quarantined: boolean };
  readonly why: string;
}[] = [
  {
    cell: 'H1',
    facts: { record: null },
    expected: { changedAt: null, quarantined: false },
    why: 'an empty database has lost nothing',
  },
  { cell: 'H2', facts: {}, expected: { changedAt: null, quarantined: false }, why: 'as it was' },
  {
    cell: 'H3',
    facts: { record: { ...RECORD, seenAt: ago(99_000_000) } },
    expected: { changedAt: null, quarantined: false },
    why: 'nobody was there for a day: no loss',
  },
  {
    cell: 'H4',
    facts: { mark: { line: 'a/2', position: 90 } },
    expected: { changedAt: 10_000_000, quarantined: false },
    why: 'a copy was promoted',
  },
  {
    cell: 'H5',
    facts: { mark: { line: 'a/2', position: 90 }, record: { ...RECORD, seenAt: ago(300_000) } },
    expected: { changedAt: 10_000_000, quarantined: false },
    why: 'a slow failover is one',
  },
  {
    cell: 'H6',
    facts: { mark: { line: 'a/2', position: 90 }, record: { ...RECORD, seenAt: ago(300_001) } },
    expected: { changedAt: 10_000_000, quarantined: true },
    why: 'what comes back after longer was restored',
  },
  {
    cell: 'H7',
    facts: { mark: { line: 'a/1', position: 99 }, seen: MARK },
    expected: { changedAt: 10_000_000, quarantined: false },
    why: 'the same server with the disk of a moment ago',
  },
  {
    cell: 'H8',
    facts: { mark: { line: 'a/1', position: 101 }, seen: MARK },
    expected: { changedAt: null, quarantined: false },
    why: 'going on is no change',
  },
  {
    cell: 'H9',
    facts: { seen: { line: 'a/0', position: 500 } },
    expected: { changedAt: null, quarantined: false },
    why: 'another gateway has noted that change already',
  },
  {
    cell: 'H10',
    facts: {
      mark: { line: 'a/3', position: 1 },
      record: { ...RECORD, changedAt: ago(6_000), quarantined: true },
    },
    expected: { changedAt: 10_000_000, quarantined: true },
    why: 'a failover frees nothing from quarantine',
  },
  {
    cell: 'H11',
    facts: { mark: { line: 'a/2', position: 90 }, mayForget: false },
    expected: { changedAt: 10_000_000, quarantined: true },
    why: 'what cannot fail over was put back, however new the copy is',
  },
  {
    cell: 'H12',
    facts: { mark: { line: 'a/1', position: 99 }, seen: MARK, mayForget: false },
    expected: { changedAt: 10_000_000, quarantined: true },
    why: 'nor does it lose a moment under a gateway that runs',
  },
  {
    cell: 'H13',
    facts: { record: { ...RECORD, seenAt: ago(99_000_000) }, mayForget: false },
    expected: { changedAt: null, quarantined: false },
    why: 'a restart is no restore, however long it took',
  },
  {
    cell: 'H14',
    facts: { record: null, hadPast: true, mayForget: false },
    expected: { changedAt: 10_000_000, quarantined: true },
    why: 'it was deleted, and what was in it has been done',
  },
  {
    cell: 'H15',
    facts: { record: null, seen: MARK },
    expected: { changedAt: 10_000_000, quarantined: false },
    why: 'a failover to a copy from before the first look',
  },
];

describe('what the past of a database is worth', () => {
  test.each(CELLS)('$cell $why', ({ facts, expected }) => {
    const decided = decideHistory({
      now: NOW,
      mark: MARK,
      record: RECORD,
      seen: null,
      hadPast: false,
      mayForget: true,
      ...facts,
    });
    expect(decided).toEqual({ line: facts.mark?.line ?? 'a/1', seenAt: NOW, ...expected });
  });
});
