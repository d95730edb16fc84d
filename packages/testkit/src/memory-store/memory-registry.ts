import type { ProviderRecord, ToolDefinition } from '@invoke/core/domain';
import type { RegistryStore } from '@invoke/core/ports';
import { throughJson, type Later } from './later.js';

export function createMemoryRegistry(later: Later): RegistryStore {
  const providers: ProviderRecord[] = [];
  const tools: ToolDefinition[] = [];
  const versions: ToolDefinition[] = [];
  let revision = 0;

  return {
    revision: () => later(() => revision),
    load: () =>
      later(() => ({
        revision,
        providers: providers.toSorted((a, b) => compare([a.tenant, a.slug], [b.tenant, b.slug])),
        tools: tools.toSorted((a, b) => compare([a.tenant, a.id], [b.tenant, b.id])),
      })),
    saveProvider: (provider) =>
      later(() => {
        revision += 1;
        const at = providers.findIndex((p) => p.tenant === provider.tenant && p.slug === provider.slug);
        const known = providers[at];
        if (known === undefined) {
          providers.push(throughJson(provider));
          return provider;
        }
        const { name, ownerEmail, updatedAt } = provider;
        providers[at] = { ...known, name, ownerEmail, updatedAt };
        return providers[at];
      }),
    saveTool: (tool) =>
      later(() => {
        const at = tools.findIndex((t) => t.tenant === tool.tenant && t.id === tool.id);
        const known = tools[at];
        if (known !== undefined && known.provider.id !== tool.provider.id) return { kind: 'conflict' };
        revision += 1;
        if (known === undefined) tools.push(throughJson(tool));
        else tools[at] = throughJson(tool);
        const isNew = !versions.some((v) => v.tenant === tool.tenant && v.version === tool.version);
        if (isNew) versions.push(throughJson(tool));
        return { kind: 'saved', created: known === undefined };
      }),
    toolVersion: (tenant, version) =>
      later(() => versions.find((v) => v.tenant === tenant && v.version === version) ?? null),
  };
}

/** By bytes, as the databases compare; the names are ASCII. */
function compare(a: readonly string[], b: readonly string[]): number {
  const [x, y] = [a.join('\u0000'), b.join('\u0000')];
  if (x === y) return 0;
  return x < y ? -1 : 1;
}
