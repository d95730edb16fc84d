import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import type { Mode } from '../kit/ablations.js';
import type { Violation, ViolationKind } from '../kit/judge.js';
import type { RecordedAblation } from '../report/report.js';
import { ablationProfile } from './profiles.js';
import { playRound, type RoundResult } from './round.js';

type Ablated = Exclude<Mode, 'fenced'>;

const PLAYED: readonly { readonly mode: Ablated; readonly store: 'postgres' | 'sqlite' }[] = [
  { mode: 'naive', store: 'postgres' },
  { mode: 'naive', store: 'sqlite' },
  { mode: 'no-settle', store: 'postgres' },
  { mode: 'no-settle', store: 'sqlite' },
  { mode: 'early-check', store: 'postgres' },
  { mode: 'no-epoch', store: 'postgres' },
  { mode: 'no-token', store: 'postgres' },
];

const GATEWAYS = 4;
const ROUND_MS = 15_000;
const MOST_ROUNDS = 4;
/** What can be wrong in a world that is merely slow is no breach of the promise. */
const NO_BREACH: readonly ViolationKind[] = ['vacuous', 'stuck'];

export interface AblationOptions {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export function breaches(violations: readonly Violation[]): readonly Violation[] {
  return violations.filter((v) => !NO_BREACH.includes(v.kind));
}

/** Each ablation until it is caught, and then the product as it is for as long, under the same faults. */
export async function* playAblations(options: AblationOptions): AsyncGenerator<RecordedAblation> {
  await using postgres = await startPostgres({ max_connections: '100' });
  for (const { mode, store } of PLAYED) {
    if (options.signal.aborted) return;
    yield await playAblation({ mode, postgres: store === 'postgres' ? postgres : null }, options);
  }
}

async function playAblation(
  { mode, postgres }: { readonly mode: Ablated; readonly postgres: TestPostgres | null },
  { seed, signal, say }: AblationOptions,
): Promise<RecordedAblation> {
  const gateways = postgres === null ? 1 : GATEWAYS;
  const store = postgres === null ? 'sqlite' : 'postgres';
  const play = (as: Mode, n: number) =>
    playRound({
      postgres,
      gateways,
      mode: as,
      seed: seed + n,
      profile: ablationProfile(mode, ROUND_MS),
      minimums: { completed: 1, takeovers: 0 },
      signal,
    });
  const rounds: RoundResult[] = [];
  const controls: RoundResult[] = [];
  do {
    rounds.push(await play(mode, rounds.length));
    controls.push(await play('fenced', controls.length));
  } while (rounds.every((r) => breaches(r.violations).length === 0) && rounds.length < MOST_ROUNDS);
  const found = rounds.flatMap((r) => breaches(r.violations));
  const caughtAfter = found.length === 0 ? null : rounds.reduce((total, r) => total + r.chaosSeconds, 0);
  const violations = controls.flatMap((r) => r.violations);
  say(
    `${mode} on ${store}: ${caughtAfter === null ? 'NOT CAUGHT' : `caught after ${Math.round(caughtAfter)} s of faults`}, ` +
      `${found.length} breaches; control: ${violations.length}`,
  );
  for (const { kind, text } of violations.slice(0, 5)) say(`  control, ${kind}: ${text}`);
  return {
    date: new Date().toISOString().slice(0, 16),
    mode,
    store,
    gateways,
    seed,
    caughtAfter,
    executions: rounds.reduce((total, r) => total + r.executions, 0),
    found: countKinds(found),
    example: found[0]?.text ?? null,
    control: {
      executions: controls.reduce((total, r) => total + r.executions, 0),
      violations: violations.length,
    },
  };
}

function countKinds(found: readonly Violation[]): Partial<Record<ViolationKind, number>> {
  const counts: Partial<Record<ViolationKind, number>> = {};
  for (const { kind } of found) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
