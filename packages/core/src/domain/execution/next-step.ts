import { CERTAINTY, type Certainty } from '@invoke/contract';
import { after, between, durationMs, type DurationMs, type EpochMs } from '../time.js';

/** What a lookup of the last attempt proved. */
export type ReconcileVerdict = 'applied' | 'absent' | 'cannot_tell';

export interface StepFacts {
  /** The last attempt; null before the first one. */
  readonly last: {
    readonly certainty: Certainty;
    readonly retryable: boolean;
    readonly role: 'primary' | 'retry' | 'fallback';
  } | null;
  /** An earlier attempt of the same tool may have taken effect: nothing has proven the opposite. */
  readonly earlierInDoubt: boolean;
  /** Whether the tool of the last attempt reads, honours our key, or only declares that its refusals may be retried. */
  readonly reads: boolean;
  readonly honoursKey: boolean;
  readonly retrySafe: boolean;
  /** When the tool forgets our key: first attempt of this tool plus its window. */
  readonly keyValidUntil: EpochMs;
  readonly canLookUp: boolean;
  /** About the last attempt, once it has been looked up. */
  readonly verdict: ReconcileVerdict | null;
  readonly retriesUsed: number;
  readonly retriesAllowed: number;
  /** A fallback that was authorised and has not been called. */
  readonly fallbackLeft: boolean;
  /** `on_failure: escalate`: a failure without effect goes to a human too. */
  readonly escalates: boolean;
  readonly backoffMs: number;
  readonly now: EpochMs;
}

export type NextStep =
  | {
      readonly kind: 'attempt';
      readonly role: 'primary' | 'retry' | 'fallback';
      readonly waitMs: DurationMs;
      /** Whether what was sent before may have taken effect: then the wait before it is no harmless one. */
      readonly inDoubt: boolean;
    }
  | { readonly kind: 'reconcile' }
  | { readonly kind: 'complete'; readonly by: 'answer' | 'lookup' }
  | { readonly kind: 'fail' }
  | { readonly kind: 'review' };

/**
 * The next step of an execution. This function and nothing else turns a failure into another attempt:
 *
 * - nothing was sent: retry within bounds;
 * - the tool certainly did nothing: retry where the card calls it retryable;
 * - unknown (also where an earlier attempt still is, whatever the last one proved of itself): look it up where that is possible; else resend only where the tool honours our key, inside its window;
 *   else a human. A fallback only ever follows proof that nothing happened.
 */
export function decideNextStep(facts: StepFacts): NextStep {
  const { last } = facts;
  if (last === null) return { kind: 'attempt', role: 'primary', waitMs: durationMs(0), inDoubt: false };
  switch (certaintyOfAll(facts, last.certainty)) {
    case CERTAINTY.effect:
      return { kind: 'complete', by: 'answer' };
    case CERTAINTY.not_sent:
      return afterNothing(facts, last.retryable);
    case CERTAINTY.no_effect:
      return afterNothing(facts, last.retryable && (facts.retrySafe || facts.reads));
    case CERTAINTY.unknown:
      return afterUnknown(facts);
  }
}

/** That the last attempt had no effect proves nothing about one before it that may have had one. */
function certaintyOfAll({ earlierInDoubt }: StepFacts, ofLast: Certainty): Certainty {
  return earlierInDoubt && ofLast !== CERTAINTY.effect ? CERTAINTY.unknown : ofLast;
}

/** It is proven that no attempt had an effect. */
function afterNothing(facts: StepFacts, retryable: boolean): NextStep {
  const inDoubt = false;
  if (retryable && mayRetry(facts))
    return { kind: 'attempt', role: 'retry', waitMs: backoff(facts), inDoubt };
  if (facts.fallbackLeft && facts.last?.role !== 'fallback') {
    return { kind: 'attempt', role: 'fallback', waitMs: durationMs(0), inDoubt };
  }
  return facts.escalates ? { kind: 'review' } : { kind: 'fail' };
}

function afterUnknown(facts: StepFacts): NextStep {
  if (facts.canLookUp && facts.verdict === null) return { kind: 'reconcile' };
  if (facts.verdict === 'applied') return { kind: 'complete', by: 'lookup' };
  if (facts.verdict === 'absent') return afterNothing(facts, true);
  const waitMs = backoff(facts);
  const inWindow = between(after(facts.now, waitMs), facts.keyValidUntil) > 0;
  if (facts.honoursKey && inWindow && mayRetry(facts)) {
    return { kind: 'attempt', role: 'retry', waitMs, inDoubt: true };
  }
  return { kind: 'review' };
}

/** The fallback is called once; its own failures are never retried. */
function mayRetry(facts: StepFacts): boolean {
  return facts.last?.role !== 'fallback' && facts.retriesUsed < facts.retriesAllowed;
}

const LONGEST_BACKOFF_MS = 30_000;

/** Doubles with every retry. Jitter is the engine's: the domain has no random numbers. */
function backoff({ backoffMs, retriesUsed }: StepFacts): DurationMs {
  return durationMs(Math.min(LONGEST_BACKOFF_MS, backoffMs * 2 ** retriesUsed));
}
