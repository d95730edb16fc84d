const LONGEST_MS = 7 * 86_400_000;

/** What a Retry-After header asks for, in milliseconds (RFC 9110, 10.2.3: seconds, or a date). Null where it asks nothing. */
export function parseRetryAfter(header: string, nowMs: number): number | null {
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : dateOf(text) - nowMs;
  return Number.isNaN(ms) ? null : Math.min(LONGEST_MS, Math.max(0, ms));
}

/** Only the form with a name of a day; Date.parse by itself takes almost anything for a date. */
function dateOf(text: string): number {
  return /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? /.test(text) ? Date.parse(text) : Number.NaN;
}
