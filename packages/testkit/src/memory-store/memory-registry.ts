import type { ProviderRecord, ToolDefinition } from '@invoke/core/domain';
import type { RegistrySnapshot, RegistryStore } from '@invoke/core/ports';
import { throughJson, type Later } from './later.js';
import { createMemoryKeys } from './memory-keys.js';
import { createRegistryMemory, put, sortedBy, type RegistryMemory } from './registry-memory.js';

export function createMemoryRegistry(later: Later): RegistryStore {
  const memory = createRegistryMemory();
  return {
    revision: () => later(() => memory.revision),
    load: () => later(() => load(memory)),
    saveProvider: (provider) => later(() => saveProvider(memory, provider)),
    saveTool: (tool) => later(() => saveTool(memory, tool)),
    savePolicy: (policy) =>
      later(() => {
        memory.revision += 1;
        memory.policies = put(memory.policies, throughJson(policy), (p) => p.tenant === policy.tenant);
      }),
    saveWorkflow: (workflow) =>
      later(() => {
        memory.revision += 1;
        const { tenant, definition } = workflow;
        memory.workflows = put(
          memory.workflows,
          throughJson(workflow),
          (w) => w.tenant === tenant && w.definition.id === definition.id,
        );
      }),
    ...createMemoryKeys(memory, later),
    toolVersion: (tenant, version) =>
      later(() => memory.versions.find((v) => v.tenant === tenant && v.version === version) ?? null),
  };
}

function load({ revision, providers, tools, policies, workflows, keys }: RegistryMemory): RegistrySnapshot {
  const unrevoked = keys.filter((k) => k.revokedAt === null);
  return {
    revision,
    providers: sortedBy(providers, (p) => [p.tenant, p.slug]),
    tools: sortedBy(tools, (t) => [t.tenant, t.id]),
    policies: sortedBy(policies, (p) => [p.tenant]),
    workflows: sortedBy(workflows, (w) => [w.tenant, w.definition.id]),
    keys: sortedBy(unrevoked, (k) => [k.id]),
  };
}

function saveProvider(memory: RegistryMemory, provider: ProviderRecord): ProviderRecord {
  const { providers } = memory;
  memory.revision += 1;
  const at = providers.findIndex((p) => p.tenant === provider.tenant && p.slug === provider.slug);
  const known = providers[at];
  if (known === undefined) {
    providers.push(throughJson(provider));
    return provider;
  }
  const { name, ownerEmail, webhookSecret, updatedAt } = provider;
  providers[at] = { ...known, name, ownerEmail, webhookSecret, updatedAt };
  return providers[at];
}

function saveTool(
  memory: RegistryMemory,
  tool: ToolDefinition,
): { kind: 'saved'; created: boolean } | { kind: 'conflict' } {
  const { tools, versions } = memory;
  const at = tools.findIndex((t) => t.tenant === tool.tenant && t.id === tool.id);
  const known = tools[at];
  if (known !== undefined && known.provider.id !== tool.provider.id) return { kind: 'conflict' };
  memory.revision += 1;
  if (known === undefined) tools.push(throughJson(tool));
  else tools[at] = throughJson(tool);
  const isNew = !versions.some((v) => v.tenant === tool.tenant && v.version === tool.version);
  if (isNew) versions.push(throughJson(tool));
  return { kind: 'saved', created: known === undefined };
}
