import type { Log } from '@invoke/core';
import type { TrustedProxies } from './client-address.js';
import { createKeyGuesses, type KeyGuesses } from './key-guesses.js';
import { createOpenStreams, type OpenStreams } from './open-streams.js';
import { createRequestRates, type RequestRates } from './request-rates.js';

/** What an operator sets against floods; 0 stands for no limit. */
export interface FloodLimits {
  readonly wrongKeysPerMinute: number;
  readonly requestsPerMinute: number;
  readonly streamsPerKey: number;
  readonly trustedProxies: TrustedProxies;
}

/** What keeps one caller from taking the gateway from the others, beside the limits of connections and of calls under way. */
export interface Floods {
  readonly guesses: KeyGuesses;
  readonly requests: RequestRates;
  readonly streams: OpenStreams;
}

export function createFloods(limits: FloodLimits, log: Log): Floods {
  return {
    guesses: createKeyGuesses({ perMinute: limits.wrongKeysPerMinute, trusted: limits.trustedProxies, log }),
    requests: createRequestRates(limits.requestsPerMinute),
    streams: createOpenStreams(limits.streamsPerKey),
  };
}
