/** What a number, a word or a comma costs, about. */
const SMALL = 8;

/** How much room a value of JSON takes, in characters, about: counted without writing it out. */
export function roughSize(value: unknown): number {
  if (typeof value === 'string') return value.length + SMALL;
  if (typeof value !== 'object' || value === null) return SMALL;
  if (Array.isArray(value)) return value.reduce((size: number, item) => size + roughSize(item), SMALL);
  const record = value as Record<string, unknown>;
  return Object.keys(record).reduce((size, name) => size + name.length + roughSize(record[name]), SMALL);
}
