import type { JsonRecord } from './records.js';

/** An object of the SDK with the member names of the API, as --json shows it. Values are left as they are. */
export function toWireNames(object: Readonly<Record<string, unknown>>): JsonRecord {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

/** What a tool said, marked for an agent that reads it: data of somebody else, not instructions. */
export function toUntrusted(data: unknown): JsonRecord {
  return { untrusted: true, data };
}
