import type { Clock } from '@invoke/core/ports';

/**
 * Stands between a process and everything that it waits for. A paused process gets nothing until it wakes up, while time, its
 * lease and the others go on; a killed one never gets anything again.
 */
export interface Gate {
  readonly state: 'open' | 'paused' | 'dead';
  /** Resolves when the process may run; never where it is dead. */
  pass(): Promise<void>;
  pause(): void;
  resume(): void;
  kill(): void;
}

export function createGate(): Gate {
  let state: Gate['state'] = 'open';
  let waiting: (() => void)[] = [];
  return {
    get state() {
      return state;
    },
    pass() {
      if (state === 'open') return Promise.resolve();
      return new Promise((resolve) => {
        if (state === 'paused') waiting.push(resolve);
      });
    },
    pause() {
      if (state === 'open') state = 'paused';
    },
    resume() {
      if (state !== 'paused') return;
      state = 'open';
      const woken = waiting;
      waiting = [];
      for (const resolve of woken) resolve();
    },
    kill() {
      state = 'dead';
      waiting = [];
    },
  };
}

/** The clock as a process behind the gate sees it: timers that fall due while it is paused run when it wakes up. */
export function gatedClock(clock: Clock, gate: Gate): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    schedule(ms, task) {
      let cancelled = false;
      const cancel = clock.schedule(ms, () => {
        void gate.pass().then(() => {
          if (!cancelled) task();
        });
      });
      return () => {
        cancelled = true;
        cancel();
      };
    },
  };
}
