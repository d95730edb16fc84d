import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTerminal, transitionAll } from '../execution/execution-state.js';
import { decideSettlement, type SettlementDecision, type SettlementFacts } from './decide-settlement.js';
import { eventsToSettle } from './events-to-settle.js';

/** One letter for each decision: Applied, Not applied, Confirm, contradict (X), Keep, Ignore. */
const LETTER = (d: SettlementDecision): string =>
  d.kind === 'settle'
    ? d.as === 'applied'
      ? 'A'
      : 'N'
    : { confirm: 'C', contradict: 'X', keep: 'K', ignore: 'I' }[d.kind];

/**
 * The whole product. Columns: what the event says (applied, not applied) of a tool that was attempted last and once, last
 * and twice, before a fallback, never.
 */
const SHEET: Readonly<Record<ExecutionState, readonly [applied: string, notApplied: string, why: string]>> = {
  accepted: ['KKXX', 'KKCC', 'about to be sent (again)'],
  awaiting_approval: ['XXXX', 'CCCC', 'nothing was sent'],
  running: ['KKXX', 'KKCC', 'its answer may still come'],
  retry_wait: ['AAXX', 'CCCC', 'an effect must stop the next attempt'],
  unknown: ['AAXX', 'NICC', 'this is what events are for'],
  reconciling: ['AAXX', 'NICC', 'and end the search'],
  needs_review: ['AAXX', 'NICC', 'and the review'],
  completed: ['CCXX', 'XICC', 'recorded: it took effect'],
  failed: ['XXXX', 'CCCC', 'recorded: it had none'],
  blocked: ['XXXX', 'CCCC', 'never sent'],
  denied: ['XXXX', 'CCCC', 'never sent'],
  rejected: ['XXXX', 'CCCC', 'never sent'],
  cancelled: ['XXXX', 'CCCC', 'never sent'],
  expired: ['XXXX', 'CCCC', 'never sent'],
  replan_required: ['XXXX', 'CCCC', 'never sent'],
};

const COLUMNS = [
  { attempts: 1, isLast: true },
  { attempts: 2, isLast: true },
  { attempts: 1, isLast: false },
  { attempts: 0, isLast: false },
] as const;

const STATES = Object.values(EXECUTION_STATE);

describe('what an event of a provider leads to', () => {
  test.each(STATES.map((state) => ({ state, why: SHEET[state][2] })))('$state: $why', ({ state }) => {
    const row = (verdict: SettlementFacts['verdict']) =>
      COLUMNS.map((c) => LETTER(decideSettlement({ ...c, state, verdict }))).join('');
    expect([row('applied'), row('not_applied'), row('unclear')]).toEqual([
      SHEET[state][0],
      SHEET[state][1],
      'IIII',
    ]);
  });

  test('is a step that the state machine knows, to the end that the event tells of', () => {
    const ends = STATES.flatMap((state) =>
      COLUMNS.flatMap((c) =>
        (['applied', 'not_applied'] as const).flatMap((verdict) => {
          const decision = decideSettlement({ ...c, state, verdict });
          if (decision.kind !== 'settle') return [];
          return [[decision.as, transitionAll(state, eventsToSettle(state, decision.as))] as const];
        }),
      ),
    );
    expect(ends).toHaveLength(11);
    for (const [as, moved] of ends) {
      expect(moved).toEqual({ kind: 'moved', state: as === 'applied' ? 'completed' : 'failed' });
    }
  });

  test('never changes a terminal state, in whatever order and however often events come', () => {
    const event = fc.record({
      verdict: fc.constantFrom('applied' as const, 'not_applied' as const, 'unclear' as const),
      column: fc.constantFrom(...COLUMNS),
    });
    fc.assert(
      fc.property(fc.constantFrom(...STATES), fc.array(event, { maxLength: 12 }), (first, events) => {
        let state: ExecutionState = first;
        for (const { verdict, column } of events) {
          const decision = decideSettlement({ ...column, state, verdict });
          const before = state;
          if (decision.kind === 'settle') {
            const moved = transitionAll(state, eventsToSettle(state, decision.as));
            expect(moved.kind).toBe('moved');
            ({ state } = moved);
          }
          if (isTerminal(before)) expect(state).toBe(before);
        }
      }),
    );
  });
});
