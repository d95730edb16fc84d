/** What a number, a word or a comma costs, about. */
const SMALL = 8;

/** How much room a value of JSON takes, in characters, about: counted without writing it out. */
export function roughSize(value: unknown): number {
  if (typeof value === 'string') return value.length + SMALL;
  if (typeof value !== 'object' || value === null) return SMALL;
  let size = SMALL;
  for (const name in value) size += name.length + roughSize((value as Record<string, unknown>)[name]);
  return size;
}
