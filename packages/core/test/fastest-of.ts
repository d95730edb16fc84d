/**
 * How long something takes, in milliseconds, when nothing else gets in its way: the best of several runs. For tests that
 * bound the worst case, on machines that do other things at the same time.
 */
export function fastestOf(runs: number, run: () => unknown): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const started = performance.now();
    run();
    fastest = Math.min(fastest, performance.now() - started);
  }
  return fastest;
}
