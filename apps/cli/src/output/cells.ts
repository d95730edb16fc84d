/** A value of the wire for a cell. */
export function toText(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}

/** Milliseconds since 1970 for a cell, as ISO 8601 in UTC. */
export function toTime(value: unknown): string | null {
  const date = typeof value === 'number' ? new Date(value) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? null : date.toISOString();
}
