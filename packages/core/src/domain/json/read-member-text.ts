/**
 * The text of one member of a JSON object, exactly as it was written: `JSON.parse` would lose digits of large numbers. Null
 * where the member is absent or its name is written with escapes. `json` must be a valid JSON object.
 */
export function readMemberText(json: string, name: string): string | null {
  const wanted = JSON.stringify(name);
  let found: string | null = null;
  let i = skipSpace(json, skipSpace(json, 0) + 1);
  while (json[i] === '"') {
    const nameEnd = skipString(json, i);
    const start = skipSpace(json, skipSpace(json, nameEnd) + 1);
    const end = skipValue(json, start);
    /* The last of several members of one name counts, as it does for JSON.parse. */
    if (json.slice(i, nameEnd) === wanted) found = json.slice(start, end);
    i = skipSpace(json, end);
    if (json[i] === ',') i = skipSpace(json, i + 1);
  }
  return found;
}

function skipSpace(json: string, from: number): number {
  let i = from;
  while (json[i] === ' ' || json[i] === '\n' || json[i] === '\r' || json[i] === '\t') i++;
  return i;
}

function skipString(json: string, from: number): number {
  let i = from + 1;
  while (i < json.length && json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i + 1;
}

function skipValue(json: string, from: number): number {
  let depth = 0;
  let i = from;
  while (i < json.length) {
    const char = json[i];
    if (char === '"') {
      i = skipString(json, i);
      if (depth === 0) return i;
      continue;
    }
    if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') {
      if (depth === 0) return i;
      if (--depth === 0) return i + 1;
    } else if (
      depth === 0 &&
      (char === ',' || char === ' ' || char === '\n' || char === '\r' || char === '\t')
    )
      return i;
    i++;
  }
  return i;
}
