import type { Mode } from '../kit/ablations.js';
import type { Random } from '../kit/seeded-random.js';
import type { LoadOptions } from './load.js';
import type { NemesisPlan, Span } from './nemesis.js';
import { randomRules } from './random-rules.js';

/** What a round is like. */
export interface Profile {
  readonly chaosMs: number;
  readonly leaseMs: number;
  readonly load: LoadOptions;
  readonly nemesis: NemesisPlan;
  /** How long after its arrival a late request is done, from and to. */
  readonly lateMs: Span;
  /** What a gateway gets when it is started. */
  readonly rules: (random: Random) => string;
}

/** Long enough for a gateway on a busy machine to renew it in time: three times in a lease. */
export const LEASE_MS = 3_000;

const LOAD: LoadOptions = {
  perSecond: 14,
  mostInFlight: 120,
  twins: 0.2,
  tools: { lookup: 8, keyed: 4, primary: 3, blind: 2, read: 2, approved: 1 },
};

const NEMESIS: NemesisPlan = {
  kill: [500, 3_000],
  pause: [4_000, 10_000],
  pauseFor: [LEASE_MS / 2, LEASE_MS * 2],
  stop: [15_000, 40_000],
  crashDatabase: [6_000, 20_000],
  cut: [3_000, 8_000],
};

/** The long run: everything at once. */
export function chaosProfile(
  store: 'postgres' | 'sqlite',
  chaosMs: number,
  rate: number | null = null,
): Profile {
  const alone = store === 'sqlite';
  return {
    chaosMs,
    leaseMs: LEASE_MS,
    // One gateway that is killed every other second is away for a good part of the time.
    load: { ...LOAD, perSecond: rate ?? (alone ? 10 : LOAD.perSecond) },
    nemesis: alone
      ? { ...NEMESIS, kill: [400, 2_600], pause: [5_000, 12_000], crashDatabase: null }
      : NEMESIS,
    lateMs: LATE_MS,
    rules: randomRules,
  };
}

const LATE_MS: Span = [50, 1_200];
/** After the timeout of the tools, within what the cards promise. */
const AFTER_TIMEOUT_MS: Span = [800, 1_400];

const CALM: NemesisPlan = { ...NEMESIS, pause: null, stop: null, crashDatabase: null, cut: null };

/** By which something that was taken away is missed soonest: each has a place of its own where it is needed. */
const ABLATIONS: Readonly<
  Record<Exclude<Mode, 'fenced'>, Pick<Profile, 'nemesis' | 'load'> & { rules: string }>
> = {
  naive: { nemesis: CALM, load: LOAD, rules: '' },
  'no-settle': { nemesis: CALM, load: { ...LOAD, tools: { lookup: 1 } }, rules: '' },
  'early-check': {
    nemesis: { ...CALM, kill: null },
    load: { ...LOAD, perSecond: 8, tools: { lookup: 1 } },
    rules: 'before_fence:pause=9000@3%',
  },
  'no-epoch': {
    nemesis: { ...CALM, kill: null },
    load: { ...LOAD, perSecond: 8, tools: { lookup: 1 } },
    rules: 'before_outcome_commit:pause=8000@4%',
  },
  'no-token': {
    nemesis: { ...CALM, kill: null },
    load: { ...LOAD, twins: 1, tools: { lookup: 1, keyed: 1 } },
    rules: 'before_claim_commit:throw@30%',
  },
};

export function ablationProfile(mode: Exclude<Mode, 'fenced'>, chaosMs: number): Profile {
  const { rules, ...rest } = ABLATIONS[mode];
  const lateMs = mode === 'no-settle' ? AFTER_TIMEOUT_MS : LATE_MS;
  return { chaosMs, leaseMs: LEASE_MS, lateMs, ...rest, rules: () => rules };
}
