/** Whether two JSON values are the same value: types count, the order of keys does not. `125` is not `"125"`. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameJson(own(a, name), own(b, name)))
  );
}

function own(value: object, name: string): unknown {
  return (value as Record<string, unknown>)[name];
}
