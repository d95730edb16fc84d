import type { Clock } from '../ports/clock.js';

/** What `promise` resolves to, or null when `ms` pass first. The promise itself goes on. */
export function within<T>(promise: Promise<T>, ms: number, clock: Clock): Promise<T | null> {
  return new Promise<T | null>((resolve, reject) => {
    const cancel = clock.schedule(ms, () => resolve(null));
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error as Error);
      },
    );
  });
}

export function sleep(ms: number, clock: Clock): Promise<void> {
  return ms <= 0 ? Promise.resolve() : new Promise((resolve) => clock.schedule(ms, resolve));
}
