/** `toPrecision` goes no further. */
const MAX_DIGITS = 100;

/** From here on JavaScript, and with it RFC 8785, prints an exponent instead of a row of digits. */
const PRINTED_WITH_EXPONENT = 1e21;

/**
 * Whether a JSON number means the same before and after it has been read into a double (RFC 7493, section 2.2).
 *
 * - Digits only: it lies within +-(2^53 - 1), where every integer is its own double.
 * - With a fraction or an exponent: it is finite, it does not vanish into zero, and the double gives the digits that were
 *   written, when it is printed as we print it or to as many digits as were written. So `0.10000000000000001`, which is how
 *   some libraries print the double 0.1, is taken; `3.141592653589793238462643383279` and `12345678901234.567` are not: we
 *   would see another number than a reader who reads more precisely.
 * - What we would print as an integer beyond 2^53 - 1 is refused in every spelling: what is taken is taken again after it
 *   has been printed.
 *
 * @param literal a number in the grammar of RFC 8259
 */
export function numberSurvives(literal: string): boolean {
  const value = Number(literal);
  if (isDigitsOnly(literal)) return Number.isSafeInteger(value);
  if (!Number.isFinite(value)) return false;

  const magnitude = Math.abs(value);
  if (magnitude > Number.MAX_SAFE_INTEGER && magnitude < PRINTED_WITH_EXPONENT) return false;

  const written = significantDigits(literal);
  if (written === '' || value === 0) return written === '' && value === 0;
  const printed = significantDigits(String(value));
  if (written.length <= printed.length) return written === printed;
  return written.length <= MAX_DIGITS && significantDigits(value.toPrecision(written.length)) === written;
}

function isDigitsOnly(literal: string): boolean {
  for (let i = literal.startsWith('-') ? 1 : 0; i < literal.length; i++) {
    if (!isDigit(literal.charCodeAt(i))) return false;
  }
  return true;
}

/** The digits before any exponent, without the zeros at both ends: `-0.0250e7` has `25`, `0.0` has none. */
function significantDigits(literal: string): string {
  let first = -1;
  let last = -1;
  for (let i = 0; i < literal.length; i++) {
    const c = literal.charCodeAt(i);
    if (c === LOWER_E || c === UPPER_E) break;
    if (c === ZERO || !isDigit(c)) continue;
    if (first < 0) first = i;
    last = i;
  }
  return first < 0 ? '' : literal.slice(first, last + 1).replace('.', '');
}

const ZERO = 0x30;
const LOWER_E = 0x65;
const UPPER_E = 0x45;

function isDigit(c: number): boolean {
  return c >= ZERO && c <= 0x39;
}
