import { expect } from 'vitest';

/** A promise of the product is broken: whatever the machine did meanwhile, this counts. */
export class PromiseBroken extends Error {
  override name = 'PromiseBroken';
}

/** A machine that stands still for so long can lose leases and miss the times of tools by itself. */
const STALL_MS = 250;
const TICK_MS = 20;
const MOST_TRIES = 2;

/**
 * Plays a scene, and once more where the machine stood still meanwhile: then gateways lost their leases, or tools their time,
 * without anybody's fault, and it was another scenario. A promise that is broken is never excused.
 */
export async function staged(play: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const watch = watchForStalls();
    try {
      return await play();
    } catch (error) {
      const excused = watch.longestMs() >= STALL_MS && !(error instanceof PromiseBroken);
      if (!excused || tries === MOST_TRIES) throw error;
    } finally {
      watch.stop();
    }
  }
}

function watchForStalls(): { longestMs(): number; stop(): void } {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - TICK_MS);
    last = now;
  }, TICK_MS);
  return { longestMs: () => longest, stop: () => clearInterval(timer) };
}

/** No promise is broken. */
export function expectKept(violations: readonly { readonly kind: string; readonly text: string }[]): void {
  if (violations.length === 0) return expect(violations).toEqual([]);
  throw new PromiseBroken(violations.map(({ kind, text }) => `${kind}: ${text}`).join('\n'));
}
