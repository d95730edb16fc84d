/** By bytes, as the databases compare. Where it matters the texts are ASCII. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
