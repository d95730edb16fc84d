import type { Log } from '../../ports/log.js';

/** Calls wait for this: what cannot be put back for whatever reason must not stop a gateway for ever. */
const MOST_FAILURES = 20;

/** Whether everything that was acknowledged to this gateway is known to be in the store. */
export interface Verification {
  /** From now on it is not. */
  ask(): void;
  /** Puts back what was lost, where that has been asked for. Rejects where it could not: it is still asked for then. */
  settle(): Promise<void>;
}

/** @param reinstateLost puts back what the store has lost; returns how many */
export function createVerification(reinstateLost: () => Promise<number>, log: Log): Verification {
  let asked = false;
  let failures = 0;
  return {
    ask() {
      asked = true;
    },
    async settle() {
      if (!asked) return;
      try {
        const lost = await reinstateLost();
        log.warn('history_verified', { lost });
      } catch (error) {
        failures += 1;
        if (failures < MOST_FAILURES) throw error;
        log.error('history_not_verified', { error: String(error) });
      }
      failures = 0;
      asked = false;
    },
  };
}
