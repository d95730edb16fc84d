import canonicalize from 'canonicalize';

/**
 * The one spelling of a JSON value (RFC 8785): keys sorted by UTF-16 code units, numbers as JavaScript prints them, no
 * space. `2400` and `2400.0` are the same, the order of keys is nothing; `"5"` and `5` differ, and so do composed and
 * decomposed letters. Digests cover this text, and approved params are sent as this text.
 *
 * Throws on what is not JSON (undefined, NaN, lone surrogates, cycles): the scanner lets none of it in, so that is a bug.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('canonicalJson: not a JSON value');
  return text;
}
