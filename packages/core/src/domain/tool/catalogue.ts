import { createOutwardNames, type OutwardNames } from './outward-names.js';
import type { ToolDefinition } from './tool-definition.js';

/** `*` as a tenant: the tool is there for everybody. */
export const EVERY_TENANT = '*';

export type FoundTool =
  | { readonly kind: 'found'; readonly tool: ToolDefinition }
  | { readonly kind: 'none' }
  | { readonly kind: 'ambiguous' };

/**
 * The tools of one moment, ready to be looked up. An exact id always wins, then the provider's key, then the capability,
 * then an alias (dots, hyphens and underscores are the same there). An alias that fits two tools fits none.
 */
export interface Catalogue {
  find(tenant: string, reference: string): FoundTool;
  /** All tools a tenant may see, by id. */
  all(tenant: string): readonly ToolDefinition[];
  /**
   * The tools of a tenant whose alias form equals that of `name`, or that would go out by another name than before once a tool
   * of that name is there: who has listed them would reach another tool. For refusing such names at registration.
   */
  lookAlikes(tenant: string, name: string): readonly ToolDefinition[];
  /** The names of all tools of a tenant for clients that take neither dots nor hyphens. */
  outward(tenant: string): OutwardNames;
  /** The id that a name is, or that goes out by this name; null: neither. */
  exactId(tenant: string, name: string): string | null;
}

/** The tool of the gateway itself, where tools are offered to such clients: it tells what became of a call. */
export const GET_EXECUTION = 'invoke_get_execution';

interface TenantIndex {
  readonly ids: Map<string, ToolDefinition>;
  readonly others: Map<string, ToolDefinition | 'ambiguous'>;
  readonly aliases: Map<string, ToolDefinition[]>;
  readonly sorted: readonly ToolDefinition[];
  /** Made when somebody asks for it. */
  outward: OutwardNames | null;
}

export function createCatalogue(tools: readonly ToolDefinition[]): Catalogue {
  const shared = tools.filter((t) => t.tenant === EVERY_TENANT);
  const tenants = new Set(tools.map((t) => t.tenant));
  const indexes = new Map(
    [...tenants].map((t) => [
      t,
      indexOf([...shared, ...tools.filter((x) => x.tenant === t && t !== EVERY_TENANT)]),
    ]),
  );
  const fallback = indexOf(shared);
  const of = (tenant: string): TenantIndex => indexes.get(tenant) ?? fallback;
  return {
    find: (tenant, reference) => find(of(tenant), reference),
    all: (tenant) => of(tenant).sorted,
    lookAlikes: (tenant, name) => [
      ...(of(tenant).aliases.get(aliasForm(name)) ?? []),
      ...renamedBy(of(tenant), name),
    ],
    outward: (tenant) => outwardOf(of(tenant)),
    exactId: (tenant, name) => (of(tenant).ids.has(name) ? name : outwardOf(of(tenant)).idOf(name)),
  };
}

function outwardOf(index: TenantIndex): OutwardNames {
  index.outward ??= createOutwardNames([...index.ids.keys()], [GET_EXECUTION]);
  return index.outward;
}

function renamedBy(index: TenantIndex, id: string): readonly ToolDefinition[] {
  if (index.ids.has(id)) return [];
  const now = outwardOf(index);
  const then = createOutwardNames([...index.ids.keys(), id], [GET_EXECUTION]);
  return index.sorted.filter((tool) => now.nameOf(tool.id) !== then.nameOf(tool.id));
}

/** Dots, hyphens and underscores are one character, and case does not count: what people and models mix up. */
function aliasForm(name: string): string {
  return name.replaceAll(/[.-]/g, '_').toLowerCase();
}

function indexOf(tools: readonly ToolDefinition[]): TenantIndex {
  const sorted = [...tools].sort((a, b) => (a.id < b.id ? -1 : 1));
  const others = new Map<string, ToolDefinition | 'ambiguous'>();
  const aliases = new Map<string, ToolDefinition[]>();
  for (const tool of sorted) {
    for (const name of new Set([tool.key, tool.card.capability ?? tool.key])) {
      others.set(name, others.has(name) ? 'ambiguous' : tool);
    }
    const form = aliasForm(tool.id);
    aliases.set(form, [...(aliases.get(form) ?? []), tool]);
  }
  return { ids: new Map(sorted.map((t) => [t.id, t])), others, aliases, sorted, outward: null };
}

function find(index: TenantIndex, reference: string): FoundTool {
  const exact = index.ids.get(reference);
  if (exact !== undefined) return { kind: 'found', tool: exact };
  const other = index.others.get(reference);
  if (other === 'ambiguous') return { kind: 'ambiguous' };
  if (other !== undefined) return { kind: 'found', tool: other };
  const alike = aliasesOf(index, reference);
  if (alike.length > 1) return { kind: 'ambiguous' };
  return alike[0] === undefined ? { kind: 'none' } : { kind: 'found', tool: alike[0] };
}

/** Aliases forgive separators, never case or look-alike letters: those would widen what a tool list allows. */
function aliasesOf(index: TenantIndex, reference: string): readonly ToolDefinition[] {
  const form = reference.replaceAll(/[.-]/g, '_');
  return (index.aliases.get(form.toLowerCase()) ?? []).filter((t) => t.id.replaceAll(/[.-]/g, '_') === form);
}
