import { createCatalogue, EVERY_TENANT, type Catalogue } from '../domain/tool/catalogue.js';
import type { PolicyRecord, WorkflowRecord } from '../domain/policy/policy-record.js';
import type { ProviderRecord, ToolDefinition } from '../domain/tool/tool-definition.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { RegistryStore } from '../ports/registry-store.js';
import type { ParamsValidator, SchemaCompiler } from '../ports/schema-compiler.js';
import type { Tools } from './deps.js';

/** The registered tools as this process sees them, kept fresh by polling the registry's revision. */
export interface Toolbox extends Tools {
  providers(tenant: string): readonly ProviderRecord[];
  /** Of all tenants. */
  providersNamed(slug: string): readonly ProviderRecord[];
  refresh(): Promise<void>;
  start(): Promise<void>;
  stop(): void;
}

export interface ToolboxPorts {
  readonly registry: RegistryStore;
  readonly schemas: SchemaCompiler;
  readonly clock: Clock;
  readonly log: Log;
}

/** How stale a replica's tools may be; what was promised is 5 s. */
const POLL_MS = 2_000;

/** @param builtin tools that are not registered but come with the program */
export function createToolbox(
  { registry, schemas, clock, log }: ToolboxPorts,
  builtin: readonly ToolDefinition[],
): Toolbox {
  let revision = -1;
  let catalogue: Catalogue = createCatalogue(builtin);
  let providers: readonly ProviderRecord[] = [];
  let policies: readonly PolicyRecord[] = [];
  let workflows: readonly WorkflowRecord[] = [];
  let cancel: (() => void) | null = null;
  const versions = new Map(builtin.map((t) => [versionKey(t.tenant, t.version), t]));

  async function refresh(): Promise<void> {
    const snapshot = await registry.load();
    revision = snapshot.revision;
    ({ providers, policies, workflows } = snapshot);
    catalogue = createCatalogue([...builtin, ...snapshot.tools]);
    for (const tool of snapshot.tools) versions.set(versionKey(tool.tenant, tool.version), tool);
  }

  async function poll(): Promise<void> {
    try {
      if ((await registry.revision()) !== revision) await refresh();
    } catch (error) {
      log.warn('registry_not_read', { error: String(error) });
    }
    if (cancel !== null) cancel = clock.schedule(POLL_MS, () => void poll());
  }

  return {
    catalogue: () => catalogue,
    policies: () => policies,
    workflows: (tenant) => workflows.filter((w) => w.tenant === tenant),
    providers: (tenant) => providers.filter((p) => p.tenant === tenant),
    providersNamed: (slug) => providers.filter((p) => p.slug === slug),
    validator: createValidators(schemas),
    async version(tenant, version) {
      const known =
        versions.get(versionKey(tenant, version)) ?? versions.get(versionKey(EVERY_TENANT, version));
      return known ?? (await registry.toolVersion(tenant, version));
    },
    refresh,
    async start() {
      await refresh();
      cancel = clock.schedule(POLL_MS, () => void poll());
    },
    stop() {
      cancel?.();
      cancel = null;
    },
  };
}

/** Compiled once per version. */
function createValidators(schemas: SchemaCompiler): Tools['validator'] {
  const validators = new Map<string, ParamsValidator | null>();
  return (tool) => {
    let validator = validators.get(tool.version);
    if (validator === undefined) {
      const compiled = schemas.compile(tool.card.input_schema);
      validator = compiled.kind === 'ok' ? compiled.validate : null;
      validators.set(tool.version, validator);
    }
    return validator;
  };
}

function versionKey(tenant: string, version: string): string {
  return `${tenant}\n${version}`;
}
