import { usageError } from '../errors.js';

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * An instant as it is typed: how long ago (`30m`, `24h`, `7d`), ISO 8601, or milliseconds since 1970.
 * @returns milliseconds since 1970
 * @throws CliError (usage)
 */
export function parseInstant(text: string, option: string, nowMs: number): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (UNIT_MS[unit] ?? 0);
  if (/^\d{10,15}$/.test(text)) return Number(text);
  const date = /^\d{4}-\d{2}-\d{2}(T.*(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(date)) return date;
  throw usageError(`${option} takes 30m, 24h, 7d, or an instant such as 2026-05-01T12:00:00Z.`);
}
