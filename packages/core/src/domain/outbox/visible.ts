/**
 * Control and format characters (bidi, zero-width, tags), line ends, lone surrogates, private use and unassigned code points;
 * what Unicode lets a font ignore (fillers, variation selectors); and spaces other than the usual one.
 */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/gu;

/** Text as people are to see it: what would be invisible, or would change how the rest reads, is shown as `\u{202E}`. */
export function visible(text: string): string {
  return text.replaceAll(HIDDEN, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);
}

/** The same for every string of a JSON value, names included. */
export function visibleDeep(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (Array.isArray(value)) return value.map(visibleDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [visible(name), visibleDeep(child)]),
  );
}

/** At most `most` characters, with `...` where something was left out; never half a surrogate pair. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 3).replace(/[\ud800-\udbff]$/, '')}...`;
}
