/**
 * Whether a JSON value that was read holds a number that may not be the one that was written: beyond +-(2^53 - 1) several
 * integers share a double, and beyond 1e308 all are infinite. Requests with such numbers are refused before they are read
 * (`scanJson`); an answer of a tool may have them, and is passed on as text. What is compared, or handed to another tool, must not.
 */
export function holdsInexactNumber(value: unknown): boolean {
  if (typeof value === 'number')
    return Number.isInteger(value) ? !Number.isSafeInteger(value) : !Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some(holdsInexactNumber);
}
