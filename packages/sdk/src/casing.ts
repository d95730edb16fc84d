import { isJsonObject } from './json.js';

/**
 * Which values below an object are objects of ours too, so that their keys are renamed as well. Everything that is not
 * named here is passed through untouched: params, results and conditions belong to the caller.
 */
export interface Shape {
  readonly [key: string]: Shape;
}

/** camelCase to snake_case: keys of ours on their way out. `shape` is keyed by the camelCase names. */
export function toSnakeKeys(value: unknown, shape: Shape): unknown {
  return renameKeys(value, shape, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** snake_case to camelCase: keys of ours on their way in. `shape` is keyed by the snake_case names. */
export function toCamelKeys(value: unknown, shape: Shape): unknown {
  return renameKeys(value, shape, (key) =>
    key.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, next: string) => next.toUpperCase()),
  );
}

function renameKeys(value: unknown, shape: Shape, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((entry) => renameKeys(entry, shape, rename));
  if (!isJsonObject(value)) return value;
  // fromEntries defines own properties: a key named __proto__ stays a key.
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .map(([key, child]) => {
        const below = Object.hasOwn(shape, key) ? shape[key] : undefined;
        return [rename(key), below === undefined ? child : renameKeys(child, below, rename)];
      }),
  );
}
