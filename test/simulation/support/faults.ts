import type { Clock } from '@invoke/core/ports';
import type { Fault, Plan } from './plan.js';

/** `full`: the store takes no writes, and can be read. */
export type Cut = 'cut' | 'deaf' | 'full';

/** Says what goes wrong next, as the plan has it, until the world heals. */
export interface Faults {
  /** At the next write of any gateway. */
  nextWrite(): (Fault & { kind: 'write' }) | null;
  /** At the nth request to a tool that writes. */
  atSend(n: number): (Fault & { kind: 'send' }) | null;
  /** How a gateway is cut off from the store now. */
  cutOff(gateway: number): Cut | null;
  cut(gateway: number, how: 'cut' | 'deaf', ms: number): void;
  /** For so long, the store takes no writes. */
  fill(ms: number): void;
  /** Writes so far that a fault could have hit. */
  writes(): number;
  readonly healed: boolean;
  heal(): void;
}

export function createFaults({ faults }: Plan, clock: Clock): Faults {
  const cuts = new Map<number, { readonly how: 'cut' | 'deaf'; readonly untilMs: number }>();
  let writes = 0;
  let fullUntilMs = 0;
  let healed = false;
  return {
    nextWrite() {
      if (healed) return null;
      writes += 1;
      return (
        faults.find(
          (fault): fault is Fault & { kind: 'write' } => fault.kind === 'write' && fault.n === writes,
        ) ?? null
      );
    },
    atSend: (n) =>
      healed
        ? null
        : (faults.find(
            (fault): fault is Fault & { kind: 'send' } => fault.kind === 'send' && fault.n === n,
          ) ?? null),
    cutOff(gateway) {
      const cut = cuts.get(gateway);
      const now = clock.monotonic();
      if (healed) return null;
      if (cut !== undefined && cut.untilMs > now) return cut.how;
      return fullUntilMs > now ? 'full' : null;
    },
    cut: (gateway, how, ms) => void cuts.set(gateway, { how, untilMs: clock.monotonic() + ms }),
    fill: (ms) => void (fullUntilMs = Math.max(fullUntilMs, clock.monotonic() + ms)),
    writes: () => writes,
    get healed() {
      return healed;
    },
    heal: () => void (healed = true),
  };
}
