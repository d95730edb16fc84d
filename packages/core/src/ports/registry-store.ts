import type { PolicyRecord, WorkflowRecord } from '../domain/policy/policy-record.js';
import type { ProviderRecord, ToolDefinition } from '../domain/tool/tool-definition.js';

export interface RegistrySnapshot {
  /** Grows with every change; replicas poll it. */
  readonly revision: number;
  readonly providers: readonly ProviderRecord[];
  readonly tools: readonly ToolDefinition[];
  readonly policies: readonly PolicyRecord[];
  readonly workflows: readonly WorkflowRecord[];
}

/** Providers, tools, policies and workflows: what is set up, as against what happens. Definitions are kept per version for as long as something may refer to them. */
export interface RegistryStore {
  revision(): Promise<number>;
  load(): Promise<RegistrySnapshot>;
  /** Creates, or updates the provider with the same tenant and slug (keeping its id). Returns what is stored. */
  saveProvider(provider: ProviderRecord): Promise<ProviderRecord>;
  /** Creates or updates by (tenant, id). `conflict`: another provider of the tenant has a tool with this id. */
  saveTool(tool: ToolDefinition): Promise<{ kind: 'saved'; created: boolean } | { kind: 'conflict' }>;
  /** Replaces the tenant's policy. */
  savePolicy(policy: PolicyRecord): Promise<void>;
  /** Creates or replaces by (tenant, definition.id). */
  saveWorkflow(workflow: WorkflowRecord): Promise<void>;
  /** A definition by its version, current or not. */
  toolVersion(tenant: string, version: string): Promise<ToolDefinition | null>;
}
