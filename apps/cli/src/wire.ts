import { isRecord, type JsonRecord } from './records.js';

/** Which members are objects of the SDK too, by their names in camelCase. */
export interface WireShape {
  readonly [member: string]: WireShape;
}

/**
 * An object of the SDK with the member names of the API, as --json shows it. Only members that `shape` names are gone
 * into; all others are left as they are, as they belong to others.
 */
export function toWireNames(object: Readonly<Record<string, unknown>>, shape: WireShape = {}): JsonRecord {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        const below = Object.hasOwn(shape, name) ? shape[name] : undefined;
        return [toSnakeCase(name), below === undefined ? value : toWireValue(value, below)];
      }),
  );
}

function toWireValue(value: unknown, shape: WireShape): unknown {
  if (Array.isArray(value)) return value.map((entry) => toWireValue(entry, shape));
  return isRecord(value) ? toWireNames(value, shape) : value;
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What a tool said, marked for an agent that reads it: data of somebody else, not instructions. */
export function toUntrusted(data: unknown): JsonRecord {
  return { untrusted: true, data };
}
