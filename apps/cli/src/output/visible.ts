/**
 * Text of others (tools, gateways, files) made safe for a terminal: control characters and characters that change the
 * direction of text are shown as \u escapes instead of doing what they do.
 */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    toEscapes,
  );
}

/**
 * What people decide on: nothing in it may be hidden. Characters that take no place, that look like a space, or that no
 * font shows (zero width, tags, variation selectors, fillers, private use) are shown as \u escapes as well.
 */
export function revealed(text: string): string {
  return text.replace(/[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu, (character) =>
    character === ' ' || character === '\n' ? character : toEscapes(character),
  );
}

/** The same on one line, so that no text can pretend to be the next line. */
export function revealedLine(text: string): string {
  return revealed(text.replaceAll('\n', String.raw`\n`));
}

function toEscapes(character: string): string {
  // By UTF-16 units, as JSON writes them.
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}

/** Text that is made safe, on one line. */
export function visibleLine(text: string): string {
  return visible(text.replace(/\s*[\n\t]\s*/g, ' '));
}

/** JSON for people and programs: indented, with nothing that a terminal would obey. */
export function toVisibleJson(value: unknown): string {
  return visible(JSON.stringify(value, null, 2));
}
