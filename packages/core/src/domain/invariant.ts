/** Stops a bug where it shows: what is asserted here can only be false if the program is wrong. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`);
}
