import { randomInt } from 'node:crypto';
import type { Refusal } from '@invoke/contract';
import { createRecent, type Log } from '@invoke/core';
import { decideRate, type RateDecision } from '@invoke/core/domain';
import type { Incoming } from '../http/incoming.js';
import { fingerprintOf } from '../http/seen-before.js';
import { clientAddress, type TrustedProxies } from './client-address.js';

/** Slows down who tries keys. Only in this process: each gateway counts for itself. */
export interface KeyGuesses {
  /** Nothing is guessed with this key: it was right lately, or there is none. */
  knows(key: string): boolean;
  /** Why the key of this request is not looked up now; null: it may be. */
  refuse(incoming: Incoming, key: string): Refusal | null;
  /** It was none, or is none any more. */
  wrong(incoming: Incoming, key: string): void;
  /** It was one. */
  right(key: string): void;
}

export interface KeyGuessOptions {
  /** Wrong keys per address and minute; 0: any number. */
  readonly perMinute: number;
  readonly trusted: TrustedProxies;
  readonly log: Log;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/** Guessers that are remembered, at least. Whoever has more addresses has that many tries more anyway. */
const GUESSERS = 5_000;
const TELL_EVERY_MS = 60_000;

interface Guesser {
  paidUntil: number;
  toldAt: number;
}

/**
 * Wrong keys are counted by the address that they come from. Where there were too many, keys from there are not looked up
 * for a while, right or wrong, or a guess would be worth as much as before. Keys that were right lately go on working: a
 * neighbour who guesses (behind the same proxy, on the same network) does not lock them out. Nor does one whose key has ended
 * and who asks again and again with it: that is no new guess, and held against that key alone.
 */
export function createKeyGuesses(options: KeyGuessOptions): KeyGuesses {
  const { perMinute, trusted, log, now = () => performance.now() } = options;
  if (perMinute === 0) return UNLIMITED;
  const guessers = createRecent<string, Guesser>(GUESSERS);
  const known = createKnownKeys();
  const tried = createKnownKeys();
  const rate = { perMinute };
  /** From then on there is nothing to be held against anybody. */
  let quietAt = 0;

  const knows = (key: string) => key === '' || known.has(key);
  const guesserOf = (incoming: Incoming, key: string) => {
    const address = clientAddress(incoming, trusted);
    return tried.has(key) ? `${address} ${printOf(key)}` : address;
  };
  return {
    knows,
    refuse(incoming, key) {
      if (quietAt <= now() || knows(key)) return null;
      const guesser = guessers.get(guesserOf(incoming, key));
      return guesser === undefined ? null : toRefusal(decideRate(guesser.paidUntil, now(), rate));
    },
    wrong(incoming, key) {
      if (key === '') return;
      const at = now();
      const name = guesserOf(incoming, key);
      tried.add(key);
      known.forget(key);
      const { paidUntil, toldAt } = guessers.get(name) ?? {
        paidUntil: 0,
        toldAt: Number.NEGATIVE_INFINITY,
      };
      const decision = decideRate(paidUntil, at, rate);
      if (decision.kind === 'wait') return;
      const guesser = { paidUntil: decision.paidUntil, toldAt };
      guessers.set(name, guesser);
      quietAt = Math.max(quietAt, guesser.paidUntil);
      if (at - toldAt < TELL_EVERY_MS || decideRate(guesser.paidUntil, at, rate).kind === 'take') return;
      guesser.toldAt = at;
      log.warn('wrong_keys', { address: clientAddress(incoming, trusted), per_minute: perMinute });
    },
    right: (key) => known.add(key),
  };
}

const UNLIMITED: KeyGuesses = {
  knows: () => true,
  refuse: () => null,
  wrong: () => undefined,
  right: () => undefined,
};

function toRefusal(decision: RateDecision): Refusal | null {
  if (decision.kind === 'take') return null;
  const seconds = Math.ceil(decision.waitMs / 1_000);
  return {
    code: 'rate_limited',
    message: `Too many requests with wrong API keys came from your address. The next key is looked at in ${seconds} s.`,
    details: { retry_after: seconds },
  };
}

const SLOTS = 16_384;

/**
 * Keys that were right or wrong lately, by a fingerprint of 32 bits each: no key is kept, it never grows, and what it takes for known
 * by mistake is only looked up like any other key.
 */
function createKnownKeys(): KnownKeys {
  const slots = new Int32Array(SLOTS);
  const has = (key: string) => {
    const print = printOf(key);
    return slots[print & (SLOTS - 1)] === print;
  };
  return {
    has,
    add(key) {
      const print = printOf(key);
      slots[print & (SLOTS - 1)] = print;
    },
    forget(key) {
      if (has(key)) slots[printOf(key) & (SLOTS - 1)] = 0;
    },
  };
}

interface KnownKeys {
  has(key: string): boolean;
  add(key: string): void;
  forget(key: string): void;
}

/** Or whoever has one key could make guesses that are taken for it, and are counted against nobody. */
const BEGIN = randomInt(2 ** 32);

function printOf(key: string): number {
  return fingerprintOf(key, BEGIN);
}
