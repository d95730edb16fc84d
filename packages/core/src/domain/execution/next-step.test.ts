import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMs } from '../time.js';
import { decideNextStep, type NextStep, type StepFacts } from './next-step.js';

const NOW = epochMs(1_700_000_000_000);
const facts = (more: Partial<StepFacts>): StepFacts => ({
  last: { certainty: 'unknown', retryable: true, role: 'primary' },
  reads: false,
  honoursKey: false,
  retrySafe: false,
  keyValidUntil: epochMs(NOW + 60_000),
  canLookUp: false,
  verdict: null,
  retriesUsed: 0,
  retriesAllowed: 2,
  fallbackLeft: false,
  escalates: false,
  earlierInDoubt: false,
  backoffMs: 100,
  now: NOW,
  ...more,
});
const last = (
  certainty: 'not_sent' | 'no_effect' | 'effect' | 'unknown',
  retryable = true,
  role: 'primary' | 'retry' | 'fallback' = 'primary',
) => ({
  last: { certainty, retryable, role },
});
const short = (step: NextStep) =>
  step.kind === 'attempt'
    ? `${step.role} after ${step.waitMs}${step.inDoubt ? ' in doubt' : ''}`
    : step.kind === 'complete'
      ? `complete by ${step.by}`
      : step.kind;

const CELLS: readonly { cell: string; given: Partial<StepFacts>; expected: string; why: string }[] = [
  {
    cell: 'N0a',
    given: { ...last('no_effect'), earlierInDoubt: true, honoursKey: true, fallbackLeft: true },
    expected: 'retry after 100 in doubt',
    why: 'the first attempt may have taken effect: only the same key is safe, never the fallback',
  },
  {
    cell: 'N0b',
    given: {
      ...last('not_sent'),
      earlierInDoubt: true,
      honoursKey: true,
      retriesUsed: 2,
      fallbackLeft: true,
    },
    expected: 'review',
    why: 'that the last one was never sent does not make the first one harmless',
  },
  {
    cell: 'N0c',
    given: { ...last('effect'), earlierInDoubt: true, honoursKey: true },
    expected: 'complete by answer',
    why: 'the tool that honours our key tells what became of all of them',
  },
  { cell: 'N1', given: { last: null }, expected: 'primary after 0', why: 'nothing has happened yet' },
  { cell: 'N2', given: last('effect'), expected: 'complete by answer', why: 'done' },
  {
    cell: 'N3',
    given: last('not_sent'),
    expected: 'retry after 100',
    why: 'no byte left: safe for every class',
  },
  {
    cell: 'N4',
    given: { ...last('not_sent'), retriesUsed: 1 },
    expected: 'retry after 200',
    why: 'backoff doubles',
  },
  { cell: 'N5', given: { ...last('not_sent'), retriesUsed: 2 }, expected: 'fail', why: 'bounded' },
  { cell: 'N6', given: last('not_sent', false), expected: 'fail', why: 'a denied address stays denied' },
  {
    cell: 'N7',
    given: { ...last('not_sent'), retriesUsed: 2, fallbackLeft: true },
    expected: 'fallback after 0',
    why: 'certainly nothing happened',
  },
  { cell: 'N8', given: last('no_effect'), expected: 'fail', why: 'the card does not call retries safe' },
  {
    cell: 'N9',
    given: { ...last('no_effect'), retrySafe: true },
    expected: 'retry after 100',
    why: 'the card does',
  },
  {
    cell: 'N10',
    given: { ...last('no_effect', false), retrySafe: true },
    expected: 'fail',
    why: 'a 404 is not mended by repeating',
  },
  {
    cell: 'N11',
    given: { ...last('no_effect'), reads: true },
    expected: 'retry after 100',
    why: 'reads may always be repeated',
  },
  {
    cell: 'N12',
    given: { ...last('no_effect', false), fallbackLeft: true },
    expected: 'fallback after 0',
    why: 'a refusal proves that nothing happened',
  },
  { cell: 'N13', given: last('unknown'), expected: 'review', why: 'class C: attempted at most once' },
  {
    cell: 'N14',
    given: { ...last('unknown'), fallbackLeft: true },
    expected: 'review',
    why: 'a fallback never follows unknown',
  },
  {
    cell: 'N15',
    given: { ...last('unknown'), retrySafe: true },
    expected: 'review',
    why: 'retry.safe is about refusals, not about unknowns',
  },
  {
    cell: 'N16',
    given: { ...last('unknown'), honoursKey: true },
    expected: 'retry after 100 in doubt',
    why: 'class A inside its window: the tool tells the two apart',
  },
  {
    cell: 'N17',
    given: { ...last('unknown'), honoursKey: true, keyValidUntil: epochMs(NOW + 100) },
    expected: 'review',
    why: 'the window would be over when it is sent',
  },
  {
    cell: 'N18',
    given: { ...last('unknown'), honoursKey: true, retriesUsed: 2 },
    expected: 'review',
    why: 'bounded, and still unknown',
  },
  {
    cell: 'N19',
    given: { ...last('unknown'), canLookUp: true },
    expected: 'reconcile',
    why: 'look before anything else',
  },
  {
    cell: 'N20',
    given: { ...last('unknown'), canLookUp: true, honoursKey: true },
    expected: 'reconcile',
    why: 'a declared lookup comes first for class A, too',
  },
  {
    cell: 'N21',
    given: { ...last('unknown'), canLookUp: true, verdict: 'applied' },
    expected: 'complete by lookup',
    why: 'it took effect',
  },
  {
    cell: 'N22',
    given: { ...last('unknown'), canLookUp: true, verdict: 'absent' },
    expected: 'retry after 100',
    why: 'proof of absence',
  },
  {
    cell: 'N23',
    given: { ...last('unknown'), canLookUp: true, verdict: 'absent', retriesUsed: 2, fallbackLeft: true },
    expected: 'fallback after 0',
    why: 'proof of absence',
  },
  {
    cell: 'N24',
    given: { ...last('unknown'), canLookUp: true, verdict: 'absent', retriesUsed: 2 },
    expected: 'fail',
    why: 'certainly not done',
  },
  {
    cell: 'N25',
    given: { ...last('unknown'), canLookUp: true, verdict: 'cannot_tell' },
    expected: 'review',
    why: 'only a human can tell',
  },
  {
    cell: 'N26',
    given: { ...last('unknown'), canLookUp: true, verdict: 'cannot_tell', honoursKey: true },
    expected: 'retry after 100 in doubt',
    why: "the tool's own key still can",
  },
  {
    cell: 'N27',
    given: last('not_sent', true, 'fallback'),
    expected: 'fail',
    why: 'the fallback is called once',
  },
  {
    cell: 'N28',
    given: { ...last('unknown', true, 'fallback'), honoursKey: true },
    expected: 'review',
    why: 'the fallback is called once',
  },
  {
    cell: 'N29',
    given: { ...last('not_sent'), backoffMs: 60_000 },
    expected: 'retry after 30000',
    why: 'backoff is capped',
  },
];

describe('the next step', () => {
  test.each(CELLS)('$cell $why', ({ given, expected }) => {
    expect(short(decideNextStep(facts(given)))).toBe(expected);
  });
});

const anyFacts = fc.record({
  last: fc.option(
    fc.record({
      certainty: fc.constantFrom('not_sent', 'no_effect', 'effect', 'unknown'),
      retryable: fc.boolean(),
      role: fc.constantFrom('primary', 'retry', 'fallback'),
    }),
  ),
  reads: fc.boolean(),
  honoursKey: fc.boolean(),
  retrySafe: fc.boolean(),
  keyValidUntil: fc.integer({ min: -10_000, max: 10_000 }).map((d) => epochMs(NOW + d)),
  canLookUp: fc.boolean(),
  verdict: fc.constantFrom('applied', 'absent', 'cannot_tell', null),
  retriesUsed: fc.nat(6),
  retriesAllowed: fc.nat(5),
  fallbackLeft: fc.boolean(),
  backoffMs: fc.nat(60_000),
  now: fc.constant(NOW),
}) as fc.Arbitrary<StepFacts>;

test('whatever the facts: after unknown another attempt needs proof of absence or a key that the tool honours', () => {
  fc.assert(
    fc.property(anyFacts, (given) => {
      const step = decideNextStep(given);
      if (step.kind !== 'attempt' || given.last?.certainty !== 'unknown') return;
      const keyed = given.honoursKey && given.keyValidUntil > given.now && step.role === 'retry';
      expect(given.verdict === 'absent' || keyed).toBe(true);
      if (step.role === 'fallback') expect(given.verdict).toBe('absent');
    }),
    { numRuns: 2_000 },
  );
});

test('whatever the facts: retries are bounded, and an unknown outcome is never called a failure', () => {
  fc.assert(
    fc.property(anyFacts, (given) => {
      const step = decideNextStep(given);
      if (step.kind === 'attempt' && step.role === 'retry')
        expect(given.retriesUsed).toBeLessThan(given.retriesAllowed);
      if (step.kind === 'attempt' && step.role === 'fallback') expect(given.fallbackLeft).toBe(true);
      if (step.kind === 'fail' && given.last?.certainty === 'unknown') expect(given.verdict).toBe('absent');
      if (step.kind === 'complete')
        expect(given.last?.certainty === 'effect' || given.verdict === 'applied').toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
