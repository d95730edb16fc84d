/**
 * An error in an expression, for people: the message, the line it is in, and a caret under the place.
 *
 * ```
 * brnach is not a known name; did you mean branch?
 *   brnach == main
 *   ^
 * ```
 */
export function renderCaret(source: string, at: number, message: string): string {
  const place = Math.max(0, Math.min(at, source.length));
  const start = place === 0 ? 0 : source.lastIndexOf('\n', place - 1) + 1;
  const end = source.indexOf('\n', place);
  const line = source.slice(start, end < 0 ? source.length : end).trimEnd();
  // Tabs stay tabs, so that the caret stands under its character however wide they are shown.
  const indent = source.slice(start, place).replaceAll(/[^\t]/g, ' ');
  return `${message}\n  ${line}\n  ${indent}^`;
}
