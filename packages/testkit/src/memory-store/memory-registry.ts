import type {
  EpochMs,
  KeyRecord,
  PolicyRecord,
  ProviderRecord,
  ToolDefinition,
  WorkflowRecord,
} from '@invoke/core/domain';
import type { RegistryStore } from '@invoke/core/ports';
import { compareText } from './compare-text.js';
import { throughJson, type Later } from './later.js';

export function createMemoryRegistry(later: Later): RegistryStore {
  const providers: ProviderRecord[] = [];
  const tools: ToolDefinition[] = [];
  const versions: ToolDefinition[] = [];
  let policies: PolicyRecord[] = [];
  let workflows: WorkflowRecord[] = [];
  let keys: KeyRecord[] = [];
  const uses = new Map<string, EpochMs>();
  let revision = 0;

  return {
    revision: () => later(() => revision),
    load: () =>
      later(() => ({
        revision,
        providers: sortedBy(providers, (p) => [p.tenant, p.slug]),
        tools: sortedBy(tools, (t) => [t.tenant, t.id]),
        policies: sortedBy(policies, (p) => [p.tenant]),
        workflows: sortedBy(workflows, (w) => [w.tenant, w.definition.id]),
        keys: sortedBy(
          keys.filter((k) => k.revokedAt === null),
          (k) => [k.id],
        ),
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
        const { name, ownerEmail, webhookSecret, updatedAt } = provider;
        providers[at] = { ...known, name, ownerEmail, webhookSecret, updatedAt };
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
    savePolicy: (policy) =>
      later(() => {
        revision += 1;
        policies = [...policies.filter((p) => p.tenant !== policy.tenant), throughJson(policy)];
      }),
    saveWorkflow: (workflow) =>
      later(() => {
        revision += 1;
        const { tenant, definition } = workflow;
        const others = workflows.filter((w) => w.tenant !== tenant || w.definition.id !== definition.id);
        workflows = [...others, throughJson(workflow)];
      }),
    saveKey: (key) =>
      later(() => {
        const known = keys.find((k) => k.id === key.id);
        const isNext = (known?.version ?? 0) === key.version - 1;
        if (!isNext || (known !== undefined && known.tenant !== key.tenant)) return { kind: 'lost' };
        revision += 1;
        keys = [...keys.filter((k) => k.id !== key.id), throughJson(key)];
        return { kind: 'saved' };
      }),
    keys: (tenant, limit) =>
      later(() =>
        sortedBy(
          keys.filter((k) => k.tenant === tenant),
          (k) => [k.id],
        )
          .toReversed()
          .slice(0, limit)
          .map((record) => ({ record, lastUsedAt: uses.get(record.id) ?? null })),
      ),
    key: (tenant, id) =>
      later(() => {
        const record = keys.find((k) => k.tenant === tenant && k.id === id);
        return record === undefined ? null : { record, lastUsedAt: uses.get(id) ?? null };
      }),
    touchKeys: (used) =>
      later(() => {
        for (const { id, at } of used) {
          if (keys.some((k) => k.id === id)) uses.set(id, Math.max(at, uses.get(id) ?? 0) as EpochMs);
        }
      }),
    toolVersion: (tenant, version) =>
      later(() => versions.find((v) => v.tenant === tenant && v.version === version) ?? null),
  };
}

function sortedBy<T>(items: readonly T[], keys: (item: T) => readonly string[]): readonly T[] {
  const keyOf = (item: T) => keys(item).join('\u0000');
  return items.toSorted((a, b) => compareText(keyOf(a), keyOf(b)));
}
