import { PROCEED, refuse, type Decision } from '../decision.js';

export interface UnderWayFacts {
  /** Calls of this key that are being claimed or driven by this gateway. */
  readonly underWay: number;
  /** At most so many at a time. */
  readonly most: number;
}

/** How soon to come back: a call that ends makes room, and most end within a second. */
const COME_BACK_S = 1;

/**
 * Whether a key may begin one more call. Callers need not wait for their calls (a short deadline, a tool that is slow), so
 * that the number of connections does not bound them.
 */
export function decideUnderWay({ underWay, most }: UnderWayFacts): Decision {
  if (underWay < most) return PROCEED;
  return refuse(
    'rate_limited',
    `${underWay} calls of this key are under way at this gateway, and ${most} may be. Wait until some of them have ended.`,
    { details: { under_way: underWay, retry_after: COME_BACK_S } },
  );
}
