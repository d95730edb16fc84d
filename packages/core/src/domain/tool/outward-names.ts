/** Hosts put the name of the server before these, and the strictest of them takes 60 characters for both. */
const LONGEST = 50;
const PLAIN = /^[A-Za-z0-9_]{1,50}$/;

/** The names under which tools are offered where dots and hyphens are not allowed, and the way back. */
export interface OutwardNames {
  /** Letters, digits and underscores, at most 50 characters; no two tools have the same. */
  nameOf(id: string): string;
  /** The tool that a name stands for; null: it is nobody's name. */
  idOf(name: string): string | null;
}

/**
 * A tool whose id can go out as it is keeps it. Of any other, what is not a letter or a digit becomes an underscore; where
 * that does not tell it from another tool, or is too long, a print of the id follows. So a name depends on nothing but the
 * ids of its tenant: all gateways, and all keys of the tenant, say the same.
 *
 * @param reserved names that no tool may go out by
 */
export function createOutwardNames(ids: readonly string[], reserved: readonly string[] = []): OutwardNames {
  const byName = new Map<string, string>();
  const byId = new Map<string, string>();
  const give = (id: string, name: string) => {
    byName.set(name, id);
    byId.set(id, name);
  };
  const isFree = (name: string) => !byName.has(name) && !reserved.includes(name);
  for (const id of ids) if (PLAIN.test(id) && isFree(id)) give(id, id);
  const others = ids.filter((id) => !byId.has(id)).sort();
  const shared = countedForms(others);
  for (const id of others) {
    const form = formOf(id);
    give(id, form.length <= LONGEST && shared.get(form) === 1 && isFree(form) ? form : marked(id, isFree));
  }
  return { nameOf: (id) => byId.get(id) ?? formOf(id), idOf: (name) => byName.get(name) ?? null };
}

function formOf(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9_]/g, '_');
}

function countedForms(ids: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(formOf(id), (counts.get(formOf(id)) ?? 0) + 1);
  return counts;
}

function marked(id: string, isFree: (name: string) => boolean): string {
  for (let salt = 0; ; salt += 1) {
    const mark = `_${printOf(salt === 0 ? id : `${id} ${salt}`)}`;
    const name = formOf(id).slice(0, LONGEST - mark.length) + mark;
    if (isFree(name)) return name;
  }
}

/** FNV-1a (Fowler, Noll, Vo), 32 bits, as eight digits of base 16. */
function printOf(text: string): string {
  let print = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) print = Math.imul(print ^ text.charCodeAt(i), 0x01000193);
  return (print >>> 0).toString(16).padStart(8, '0');
}
