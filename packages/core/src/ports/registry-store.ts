import type { KeyRecord } from '../domain/access/key-record.js';
import type { PolicyRecord, WorkflowRecord } from '../domain/policy/policy-record.js';
import type { EpochMs } from '../domain/time.js';
import type { ProviderRecord, ToolDefinition } from '../domain/tool/tool-definition.js';

export interface RegistrySnapshot {
  /** Grows with every change; replicas poll it. */
  readonly revision: number;
  readonly providers: readonly ProviderRecord[];
  readonly tools: readonly ToolDefinition[];
  readonly policies: readonly PolicyRecord[];
  readonly workflows: readonly WorkflowRecord[];
  /** Those that are not revoked. */
  readonly keys: readonly KeyRecord[];
}

/** A stored key, and when it was last used as far as gateways have told. */
export interface StoredKey {
  readonly record: KeyRecord;
  readonly lastUsedAt: EpochMs | null;
}

/** Providers, tools, policies, workflows and keys: what is set up, as against what happens. Definitions are kept per version for as long as something may refer to them. */
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
  /** Adds a key (version 1), or takes the place of the version before. `lost`: somebody else has changed it; nothing was written. */
  saveKey(key: KeyRecord): Promise<{ kind: 'saved' } | { kind: 'lost' }>;
  /** All keys of a tenant, revoked ones too, newest first; at most `limit`. */
  keys(tenant: string, limit: number): Promise<readonly StoredKey[]>;
  /** One of them, by its id. */
  key(tenant: string, id: string): Promise<StoredKey | null>;
  /** Notes when keys were used; never earlier than what is known. It is no change of the registry. */
  touchKeys(uses: readonly { readonly id: string; readonly at: EpochMs }[]): Promise<void>;
  /** A definition by its version, current or not. */
  toolVersion(tenant: string, version: string): Promise<ToolDefinition | null>;
}
