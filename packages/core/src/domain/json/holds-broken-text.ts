/** NUL, and halves of characters: with `u`, the two halves of a whole one do not match. */
const BROKEN = /[\0\p{Surrogate}]/u;

/**
 * Whether a JSON value that was read holds text that other readers would not read as the same: half of a character (a tool that
 * cuts a text in the middle of an emoji) or NUL. Requests with such text are refused before they are read (`scanJson`); an
 * answer of a tool may have it, and is passed on as it was written. What is compared, or handed to another tool, must not.
 */
export function holdsBrokenText(value: unknown): boolean {
  if (typeof value === 'string') return BROKEN.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsBrokenText);
}
