/** Makes a change at once and hands out a copy of its result in a later turn. */
export type Later = <T>(change: () => T) => Promise<T>;

/** What JSON leaves of a value: the stores keep records as JSON text. */
export function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
