import type { CapabilityCard, ProviderRegistration, Refusal, ToolRegistration } from '@invoke/contract';
import type { Principal } from '../domain/access/principal.js';
import { decideHeldScope } from '../domain/access/decide-principal.js';
import { refuse } from '../domain/decision.js';
import { compileConditions } from '../domain/policy/conditions.js';
import type { ExpressionLanguage } from '../domain/policy/expression.js';
import { decideToolName, isConfigured } from '../domain/tool/decide-tool.js';
import { slugOf } from '../domain/tool/slug-of.js';
import { definitionText } from '../domain/tool/definition-text.js';
import type { ProviderRecord, ToolBinding, ToolDefinition } from '../domain/tool/tool-definition.js';
import type { AddressGuard } from '../ports/address-guard.js';
import type { SchemaCompiler } from '../ports/schema-compiler.js';
import type { EngineDeps } from './deps.js';
import type { Toolbox } from './toolbox.js';

export type Registered<T> =
  | { readonly kind: 'ok'; readonly value: T; readonly created: boolean }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface RegisterPorts extends Pick<EngineDeps, 'clock' | 'ids' | 'digest' | 'language' | 'store'> {
  readonly toolbox: Toolbox;
  readonly schemas: SchemaCompiler;
  readonly addresses: AddressGuard;
}

/** Creates a provider, or updates the one of this tenant with the same slug. */
export async function registerProvider(
  principal: Principal,
  request: ProviderRegistration,
  ports: RegisterPorts,
): Promise<Registered<ProviderRecord>> {
  const held = decideHeldScope(principal, 'providers:admin');
  if (held.kind === 'refuse') return { kind: 'refused', refusal: held.refusal };
  const slug = request.slug ?? slugOf(request.name);
  if (slug === null) return refused(NO_SLUG);
  const before = ports.toolbox.providers(principal.tenant).find((p) => p.slug === slug);
  const now = ports.clock.now();
  const value = await ports.store.registry.saveProvider({
    id: ports.ids.provider(),
    tenant: principal.tenant,
    slug,
    name: request.name,
    ownerEmail: request.owner_email ?? null,
    webhookSecret:
      request.webhook_secret === undefined ? (before?.webhookSecret ?? null) : request.webhook_secret,
    createdAt: now,
    updatedAt: now,
  });
  await ports.toolbox.refresh();
  return { kind: 'ok', value, created: before === undefined };
}

/** Creates a tool of a provider, or puts a new version in the place of the one with the same name. */
export async function registerTool(
  principal: Principal,
  target: { readonly providerId: string; readonly request: ToolRegistration },
  ports: RegisterPorts,
): Promise<Registered<ToolDefinition>> {
  const held = decideHeldScope(principal, 'providers:admin');
  if (held.kind === 'refuse') return { kind: 'refused', refusal: held.refusal };
  await ports.toolbox.refresh();
  const { toolbox } = ports;
  const provider = toolbox
    .providers(principal.tenant)
    .find((p) => p.id === target.providerId || p.slug === target.providerId);
  if (provider === undefined)
    return refused(refuse('not_found', `There is no provider ${JSON.stringify(target.providerId)}.`));
  const tool = toDefinition(provider, target.request, ports);
  const problem = judge(tool, ports);
  if (problem !== null) return { kind: 'refused', refusal: problem };
  const saved = await ports.store.registry.saveTool(tool);
  if (saved.kind === 'conflict')
    return refused(refuse('tool_conflict', `${tool.name} belongs to another provider.`));
  await toolbox.refresh();
  return { kind: 'ok', value: tool, created: saved.created };
}

function toDefinition(
  provider: ProviderRecord,
  request: ToolRegistration,
  { clock, digest }: RegisterPorts,
): ToolDefinition {
  const { name, capability_card: card, risk_level: riskLevel, approval_required: approvalRequired } = request;
  const unversioned = {
    id: name,
    key: `${provider.slug}.${name}`,
    name,
    tenant: provider.tenant,
    provider: { id: provider.id, slug: provider.slug },
    card,
    binding: bindingOf(request),
    riskLevel,
    approvalRequired,
  };
  return { ...unversioned, version: digest.sha256(definitionText(unversioned)), updatedAt: clock.now() };
}

function bindingOf({ http, mcp_url: url, mcp_tool: tool, name }: ToolRegistration): ToolBinding {
  return http ? { kind: 'http', ...http } : { kind: 'mcp', url: url ?? '', tool: tool ?? name };
}

/** Why a definition cannot be registered; null where it can. */
function judge(tool: ToolDefinition, ports: RegisterPorts): Refusal | null {
  const { toolbox, schemas, addresses, language } = ports;
  const named = decideToolName(
    tool.id,
    tool.provider.id,
    toolbox.catalogue().lookAlikes(tool.tenant, tool.id),
  );
  if (named.kind === 'refuse') return named.refusal;
  for (const part of ['input_schema', 'output_schema'] as const) {
    const schema = tool.card[part];
    if (schema == null) continue;
    const compiled = schemas.compile(schema, part === 'input_schema' ? 'params' : 'result');
    if (compiled.kind === 'rejected') {
      const errors = compiled.errors.map((e) => ({ ...e, pointer: `/capability_card/${part}${e.pointer}` }));
      const message = `The ${part} of ${tool.name} cannot be used: ${errors[0]?.pointer} ${errors[0]?.message}.`;
      return refuse('schema_rejected', message, { errors }).refusal;
    }
  }
  return judgeConditions(tool.card, language) ?? judgeAddress(tool, addresses);
}

function judgeConditions(card: CapabilityCard, language: ExpressionLanguage): Refusal | null {
  const { reconcile, settlement } = card;
  const all = {
    '/reconcile/conditions': reconcile?.conditions,
    '/settlement/applied': settlement?.applied,
    '/settlement/not_applied': settlement?.not_applied,
  };
  for (const [where, conditions] of Object.entries(all)) {
    const compiled = compileConditions(conditions ?? {}, language);
    if (compiled.kind === 'error') {
      const pointer = `/capability_card${where}${compiled.pointer}`;
      return refuse('policy_invalid', `A condition cannot be used: ${pointer}: ${compiled.message}.`, {
        errors: [{ pointer, message: compiled.message }],
      }).refusal;
    }
  }
  return null;
}

function judgeAddress(tool: ToolDefinition, addresses: AddressGuard): Refusal | null {
  if (tool.binding.kind === 'builtin' || !isConfigured(tool)) return null;
  const verdict = addresses.check(tool.binding.url);
  if (verdict.kind === 'ok') return null;
  const pointer = tool.binding.kind === 'mcp' ? '/mcp_url' : '/http/url';
  return refuse(verdict.code, `The address of ${tool.name} cannot be used: ${verdict.why}.`, {
    errors: [{ pointer, message: verdict.why }],
  }).refusal;
}

const NO_SLUG = refuse(
  'validation_failed',
  '/slug: no slug can be made from this name without leaving some of it out: give a slug of lower case letters, digits and hyphens',
  { errors: [{ pointer: '/slug', message: 'give a slug: the name does not fit into one as a whole' }] },
);

function refused(decision: { readonly refusal: Refusal }): { kind: 'refused'; refusal: Refusal } {
  return { kind: 'refused', refusal: decision.refusal };
}
