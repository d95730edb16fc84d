import type { KeyRecord } from '../domain/access/key-record.js';
import { createCatalogue, EVERY_TENANT, type Catalogue } from '../domain/tool/catalogue.js';
import type { ProviderRecord, ToolDefinition } from '../domain/tool/tool-definition.js';
import type { ParamsValidator, SchemaCompiler } from '../ports/schema-compiler.js';
import type { Tools } from './deps.js';
import { createRegistryCopy, type RegistryCopy, type RegistryCopyPorts } from './registry-copy.js';

/** The registered tools as this process sees them. */
export interface Toolbox extends Tools, Omit<RegistryCopy, 'snapshot'> {
  providers(tenant: string): readonly ProviderRecord[];
  /** Of all tenants. */
  providersNamed(slug: string): readonly ProviderRecord[];
  /** Stored keys that are not revoked; another object after every change. */
  keys(): readonly KeyRecord[];
}

export interface ToolboxPorts extends RegistryCopyPorts {
  readonly schemas: SchemaCompiler;
}

/** @param builtin tools that are not registered but come with the program */
export function createToolbox(ports: ToolboxPorts, builtin: readonly ToolDefinition[]): Toolbox {
  const { registry } = ports;
  let catalogue: Catalogue = createCatalogue(builtin);
  const versions = new Map(builtin.map((t) => [versionKey(t.tenant, t.version), t]));
  const copy = createRegistryCopy(ports, ({ tools }) => {
    catalogue = createCatalogue([...builtin, ...tools]);
    for (const tool of tools) versions.set(versionKey(tool.tenant, tool.version), tool);
  });

  return {
    catalogue: () => catalogue,
    policies: () => copy.snapshot().policies,
    workflows: (tenant) => copy.snapshot().workflows.filter((w) => w.tenant === tenant),
    providers: (tenant) => copy.snapshot().providers.filter((p) => p.tenant === tenant),
    providersNamed: (slug) => copy.snapshot().providers.filter((p) => p.slug === slug),
    validator: createValidators(ports.schemas),
    async version(tenant, version) {
      const known =
        versions.get(versionKey(tenant, version)) ?? versions.get(versionKey(EVERY_TENANT, version));
      return known ?? (await registry.toolVersion(tenant, version));
    },
    keys: () => copy.snapshot().keys,
    fresh: copy.fresh,
    refresh: copy.refresh,
    start: copy.start,
    stop: copy.stop,
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
