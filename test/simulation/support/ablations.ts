import { believing, checkingEarly, fromAnyVersion } from '../../support/take-away.js';
import type { Ablation } from './ablation.js';

/** Absence is believed as soon as the timeout of a call is over. */
export const NO_SETTLE: Ablation = { settleMs: 0 };

/** Leave is asked before the connection is made, not when the bytes are written. */
export const CHECK_BEFORE_CONNECT: Ablation = {
  wrapInvoker: checkingEarly,
};

/** A write goes through from whatever version it comes. */
export const NO_EPOCH: Ablation = {
  wrapStore: fromAnyVersion,
};

/** A write whose answer was lost is made again, and whoever finds it done believes that it was their own. */
export const NO_TOKEN: Ablation = {
  toPlan: (plan) => ({
    ...plan,
    calls: [0, 1].flatMap((gateway) =>
      plan.calls.map((call) => ({ ...call, key: 'k1', approval: false, fallback: false, gateway, atMs: 0 })),
    ),
    faults: [2, 3].map((n) => ({ kind: 'write', n, how: 'lost_commit', ms: 0 })),
  }),
  wrapLine: believing,
};
