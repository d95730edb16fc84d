import { epochMs, type EpochMs } from '@invoke/core/domain';
import type { Store } from '@invoke/core/ports';

/** Instants on the store's own clock, which no test can set: so far from now, in milliseconds. */
export async function storeClock({
  history,
}: Pick<Store, 'history'>): Promise<(fromNowMs: number) => EpochMs> {
  const { now } = await history.look(null);
  return (fromNowMs) => epochMs(now + fromNowMs);
}
