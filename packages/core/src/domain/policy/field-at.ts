/** A field that was looked up. */
export type Field = { readonly kind: 'found'; readonly value: unknown } | { readonly kind: 'missing' };

/**
 * The field that a dotted path names: `customer.balance`, `items.0.id`. A field whose own name is the whole path wins.
 * Own properties only, and no properties of arrays but their elements.
 */
export function fieldAt(state: Readonly<Record<string, unknown>>, path: string): Field {
  if (Object.hasOwn(state, path)) return { kind: 'found', value: state[path] };
  let value: unknown = state;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return { kind: 'missing' };
    if (Array.isArray(value) && name === 'length') return { kind: 'missing' };
    value = (value as Record<string, unknown>)[name];
  }
  return { kind: 'found', value };
}
