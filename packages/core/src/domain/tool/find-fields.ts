import type { JsonObject } from '@invoke/contract';

/** The value at a JSON Pointer (RFC 6901); undefined where there is none. Own properties only. */
export function valueAt(root: unknown, pointer: string): unknown {
  let current: unknown = root;
  for (const raw of pointer.split('/').slice(1)) {
    const name = raw.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined;
    current = (current as JsonObject)[name];
  }
  return current;
}

/** Scalars at a pointer as text; an array gives each of its elements. Objects and null give nothing. */
export function idsAt(root: unknown, pointer: string): readonly string[] {
  const value = valueAt(root, pointer);
  return (Array.isArray(value) ? value : [value]).flatMap((v) =>
    typeof v === 'string' || typeof v === 'number' ? [String(v)] : [],
  );
}

/** One field that may hold an identifier. */
export interface IdLikeField {
  readonly pointer: string;
  /** The last name of the pointer. */
  readonly name: string;
  readonly value: string;
}

const ID_NAME = /(?:^|_)ids?$|[a-z0-9]Ids?$/;

/** All fields, at any depth, whose name says that they are identifiers: `id`, `customer_id`, `customerId`, and arrays of them. */
export function findIdLikeFields(root: unknown): readonly IdLikeField[] {
  return findFields(root, (name) => ID_NAME.test(name));
}

/** All scalars, at any depth, with the name of the field that they stand in; of lists too. */
export function findScalars(root: unknown): readonly IdLikeField[] {
  return findFields(root, () => true);
}

function findFields(root: unknown, wanted: (name: string) => boolean): readonly IdLikeField[] {
  const found: IdLikeField[] = [];
  collect(root, { pointer: '', wanted, found });
  return found;
}

interface Search {
  readonly pointer: string;
  readonly wanted: (name: string) => boolean;
  readonly found: IdLikeField[];
}

function collect(value: unknown, search: Search): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) {
    const pointer = `${search.pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Array.isArray(value) && search.wanted(name)) {
      for (const id of idsAt({ x: child }, '/x')) search.found.push({ pointer, name, value: id });
    }
    collect(child, { ...search, pointer });
  }
}
