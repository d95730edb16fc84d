/**
 * How long something takes, in milliseconds of processor time: the best of several runs. For tests that bound the worst
 * case, on machines that do other things at the same time.
 */
export function fastestOf(runs: number, run: () => unknown): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const before = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(before);
    fastest = Math.min(fastest, (user + system) / 1_000);
  }
  return fastest;
}
