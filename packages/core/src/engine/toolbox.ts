import { createCatalogue, EVERY_TENANT, type Catalogue } from '../domain/tool/catalogue.js';
import type { KeyRecord } from '../domain/access/key-record.js';
import type { PolicyRecord, WorkflowRecord } from '../domain/policy/policy-record.js';
import type { ProviderRecord, ToolDefinition } from '../domain/tool/tool-definition.js';
import type { Clock } from '../ports/clock.js';
import type { Log } from '../ports/log.js';
import type { RegistryStore } from '../ports/registry-store.js';
import { StorageUnavailable } from '../ports/store.js';
import type { ParamsValidator, SchemaCompiler } from '../ports/schema-compiler.js';
import type { Tools } from './deps.js';

/** The registered tools as this process sees them, kept fresh by polling the registry's revision. */
export interface Toolbox extends Tools {
  providers(tenant: string): readonly ProviderRecord[];
  /** Of all tenants. */
  providersNamed(slug: string): readonly ProviderRecord[];
  /** Stored keys that are not revoked; another object after every change. */
  keys(): readonly KeyRecord[];
  /**
   * Null where what is known here is at most as old as was promised; else asks, and rejects where nobody answers: to wait
   * for with whatever must not be decided by what was true long ago.
   */
  fresh(): Promise<void> | null;
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

/** How often a replica asks for changes... */
const POLL_MS = 2_000;
/** ...and for how long an answer may be relied upon, counted from when it was asked for; what is promised is 5 s. */
const FRESH_MS = 4_500;

/** @param builtin tools that are not registered but come with the program */
export function createToolbox(
  { registry, schemas, clock, log }: ToolboxPorts,
  builtin: readonly ToolDefinition[],
): Toolbox {
  let revision = -1;
  let loadedAt = Number.NEGATIVE_INFINITY;
  let freshUntil = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | null = null;
  let catalogue: Catalogue = createCatalogue(builtin);
  let providers: readonly ProviderRecord[] = [];
  let policies: readonly PolicyRecord[] = [];
  let workflows: readonly WorkflowRecord[] = [];
  let keys: readonly KeyRecord[] = [];
  let cancel: (() => void) | null = null;
  const versions = new Map(builtin.map((t) => [versionKey(t.tenant, t.version), t]));

  async function refresh(): Promise<void> {
    const asked = clock.monotonic();
    const snapshot = await registry.load();
    // Of two that were under way at once, the later answer may be the older one. Told by when they were asked for, because
    // the revision itself goes back with a database that is restored.
    if (asked < loadedAt) return;
    loadedAt = asked;
    revision = snapshot.revision;
    ({ providers, policies, workflows, keys } = snapshot);
    freshUntil = Math.max(freshUntil, asked + FRESH_MS);
    catalogue = createCatalogue([...builtin, ...snapshot.tools]);
    for (const tool of snapshot.tools) versions.set(versionKey(tool.tenant, tool.version), tool);
  }

  async function askOnce(): Promise<void> {
    const asked = clock.monotonic();
    if ((await registry.revision()) === revision) freshUntil = Math.max(freshUntil, asked + FRESH_MS);
    else await refresh();
  }

  /** One question at a time: whoever comes while it is under way waits for its answer. */
  function ask(): Promise<void> {
    asking ??= askOnce().finally(() => (asking = null));
    return asking;
  }

  async function poll(): Promise<void> {
    try {
      await ask();
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
    keys: () => keys,
    fresh() {
      if (clock.monotonic() < freshUntil) return null;
      return ask().then(() => {
        if (clock.monotonic() < freshUntil) return;
        throw new StorageUnavailable('It cannot be found out now whether keys were revoked.');
      });
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
