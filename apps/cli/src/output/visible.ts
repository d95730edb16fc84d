/**
 * Text of others (tools, gateways, files) made safe for a terminal: control characters and characters that change the
 * direction of text are shown as \u escapes instead of doing what they do.
 */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same on one line. */
export function visibleLine(text: string): string {
  return visible(text.replace(/\s*[\n\t]\s*/g, ' '));
}

/** JSON for people and programs: indented, with nothing that a terminal would obey. */
export function toVisibleJson(value: unknown): string {
  return visible(JSON.stringify(value, null, 2));
}
