/** A condition on the start of the text, and whether it has to match or must not. */
export interface Lookahead {
  readonly source: string;
  readonly matches: boolean;
}

/**
 * Takes apart a pattern that starts with look-aheads, `^(?!a)(?=b)c`, into patterns that have to match, or must not, one by
 * one: `^(?:a)`, `^(?:b)` and `^c`. RE2 has no look-ahead, and the patterns that generators of schemas write for addresses
 * (zod) and decimals (pydantic) start with one. What is not of this form is left whole.
 */
export function splitLookaheads(source: string): {
  readonly lookaheads: readonly Lookahead[];
  readonly rest: string;
} {
  const whole = { lookaheads: [], rest: source };
  if (!source.startsWith('^') || hasAlternatives(source)) return whole;
  const lookaheads: Lookahead[] = [];
  let at = 1;
  while (source.startsWith('(?=', at) || source.startsWith('(?!', at)) {
    const end = endOfGroup(source, at);
    if (end < 0) return whole;
    lookaheads.push({ source: `^(?:${source.slice(at + 3, end)})`, matches: source.charAt(at + 2) === '=' });
    at = end + 1;
  }
  return { lookaheads, rest: `^${source.slice(at)}` };
}

/** Whether `|` stands outside of all groups: then `^` belongs to the first alternative only. */
function hasAlternatives(source: string): boolean {
  return walk(source, 0, (c, depth) => c === '|' && depth === 0) >= 0;
}

/** Where the group that opens at `at` is closed, or -1. */
function endOfGroup(source: string, at: number): number {
  return walk(source, at, (c, depth) => c === ')' && depth === 0);
}

/** The first character, not escaped and not in a class, that is looked for; `depth` counts the groups that are open. */
function walk(source: string, from: number, isIt: (c: string, depth: number) => boolean): number {
  let depth = 0;
  let inClass = false;
  for (let i = from; i < source.length; i++) {
    const c = source.charAt(i);
    if (c === '\\') i++;
    else if (inClass) inClass = c !== ']';
    else if (c === '[') inClass = true;
    else if (c === '(') depth++;
    else {
      if (c === ')') depth--;
      if (isIt(c, depth)) return i;
    }
  }
  return -1;
}
