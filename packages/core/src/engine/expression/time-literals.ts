import { Duration, Timestamp } from './values.js';

const TIMESTAMP = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;
const DURATION = /^([+-]?)((?:\d+(?:\.\d+)?(?:ns|us|ms|s|m|h))+)$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)/g;
const LONGEST = 40;

const MS_OF: Readonly<Record<string, number>> = {
  ns: 0.000_001,
  us: 0.001,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** RFC 3339, with a zone and a date that exists; null for anything else. */
export function parseTimestamp(text: string): Timestamp | null {
  const match = text.length <= LONGEST ? TIMESTAMP.exec(text) : null;
  if (match === null) return null;
  const [, year, month, day] = match.map(Number) as [number, number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : new Timestamp(ms);
}

/** As CEL and Go write them: `90s`, `1h30m`, `-1.5h`; null for anything else. */
export function parseDuration(text: string): Duration | null {
  const match = text.length <= LONGEST ? DURATION.exec(text) : null;
  if (match === null) return null;
  let ms = 0;
  for (const [, amount, unit] of (match[2] ?? '').matchAll(DURATION_PART))
    ms += Number(amount) * (MS_OF[unit ?? ''] ?? 0);
  return new Duration(match[1] === '-' ? -ms : ms);
}
