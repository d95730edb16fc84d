import { z } from 'zod';
import { ReconcileSpec } from './failure-policy.js';
import { DurationMs, Identifier, JsonObject, JsonPointer } from './fields.js';
import { SettlementSpec } from './settlement.js';

export const RISK_LEVELS = ['low', 'medium', 'high', 'critical'] as const;
export const RiskLevel = z.enum(RISK_LEVELS);
export type RiskLevel = z.infer<typeof RiskLevel>;

/** Names under which tools are registered. */
export const ToolName = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,128}$/, 'expected 1 to 128 of A-Z a-z 0-9 _ . -')
  .refine((n) => !['__proto__', 'constructor', 'prototype'].includes(n), 'this name is reserved');

/**
 * How the tool helps to avoid doing a thing twice.
 * `mode` says where the caller's key comes from: `caller_provided`, `automatic` (derived from `key_fields`; with no key
 * fields there is no key), `none`. A `header` or a `field` says that the tool itself honours a key that we send there
 * (class A) for at least `window_ms`.
 */
export const IdempotencyHints = z.strictObject({
  mode: z.enum(['automatic', 'caller_provided', 'none']).default('caller_provided'),
  key_fields: z.array(z.string().min(1).max(256)).max(50).default([]),
  /** Refuse calls without a key. */
  required: z.boolean().default(false),
  header: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/)
    .optional(),
  field: z.string().min(1).max(128).optional(),
  window_ms: DurationMs(60_000, 400 * 86_400_000).default(86_400_000),
});

export type IdempotencyHints = z.infer<typeof IdempotencyHints>;

/** What may be retried after a failure that certainly had no effect, and how soon (milliseconds). */
export const RetryHints = z.strictObject({
  safe: z.boolean().default(false),
  max_attempts: z.int().min(1).max(10).default(1),
  backoff_ms: DurationMs(0, 60_000).default(250),
});

/** Which of the tool's failures certainly had no effect. Everything that is not declared is an unknown outcome. */
export const AnswerHints = z.strictObject({
  no_effect_statuses: z.array(z.int().min(300).max(599)).max(50).optional(),
  /** Of those, the ones worth another attempt; 429 is always one. */
  retryable_statuses: z.array(z.int().min(300).max(599)).max(50).optional(),
  /** What `isError: true` means: the tool declares failure, or nobody knows. */
  tool_error: z.enum(['failed', 'unknown']).optional(),
});

/** A parameter that names an entity or a resource. `prefix` is put before the value (`repo:` gives repo:acme/app). */
export const IdField = z.strictObject({
  field: JsonPointer,
  type: Identifier.optional(),
  prefix: z.string().max(64).optional(),
});
export type IdField = z.infer<typeof IdField>;

/** A plain HTTP tool: `{name}` in the URL is filled from the params, one encoded segment each. */
export const HttpBinding = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  url: z.string().min(1).max(2048),
  headers: z.record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), z.string().max(4096)).default({}),
  /** Header to the name of an environment variable of the gateway (INVOKE_SECRET_...) that holds its value. */
  secret_headers: z
    .record(z.string().regex(/^[A-Za-z0-9-]{1,64}$/), z.string().regex(/^INVOKE_SECRET_[A-Z0-9_]{1,64}$/))
    .default({}),
  /** Where params that are not in the URL go. GET and DELETE default to the query, the others to a JSON body. */
  params_in: z.enum(['query', 'body']).optional(),
});
export type HttpBinding = z.infer<typeof HttpBinding>;

/** What a tool can do and how it may be treated. The first block is what existing wrappers send. */
export const CapabilityCard = z.strictObject({
  name: z.string().min(1).max(256),
  description: z.string().max(4096).default(''),
  capability: z.string().max(256).optional(),
  input_schema: JsonObject,
  output_schema: JsonObject.nullish(),
  idempotency: IdempotencyHints.prefault({}),
  retry: RetryHints.prefault({}),
  tags: z.array(z.string().max(64)).max(50).default([]),

  /** `read` makes it class R. A write tool that declares nothing more is class C: attempted at most once. */
  effect: z.enum(['read', 'write']).default('write'),
  action: Identifier.optional(),
  timeout_ms: DurationMs(1, 600_000).default(30_000),
  /**
   * How to look up what happened (class B). In `state_refetch.params`, a string that is exactly `${params.<path>}`,
   * `${reference}`, `${execution_id}` or `${idempotency_key}` stands for that value.
   */
  reconcile: ReconcileSpec.optional(),
  /** The parameter into which the reference that lookups match on is put, if the tool takes one. */
  reference_field: z.string().min(1).max(128).optional(),
  answers: AnswerHints.prefault({}),
  entities: z.array(IdField).max(20).default([]),
  entity_required: z.boolean().default(false),
  /** Hold other writes to the same entity while the outcome of one is unknown. */
  hold_on_unknown: z.boolean().default(true),
  resources: z.array(IdField).max(20).default([]),
  sensitive: z.array(JsonPointer).max(50).default([]),
  /** The parameter that budgets of amounts count. */
  amount_field: JsonPointer.optional(),
  /** What the provider's signed events say about calls of this tool. */
  settlement: SettlementSpec.optional(),
});
export type CapabilityCard = z.infer<typeof CapabilityCard>;
export type CapabilityCardInput = z.input<typeof CapabilityCard>;

/** POST /providers: create or update. */
export const ProviderRegistration = z.strictObject({
  name: z.string().min(1).max(128),
  owner_email: z
    .string()
    .max(320)
    .regex(/^[^\s@]+@[^\s@]+$/, 'expected an email address such as name@example.com')
    .nullish(),
  slug: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower case letters, digits and hyphens')
    .nullish(),
  /** The name of the gateway's environment variable that holds the secret its events are signed with (whsec_...). */
  webhook_secret: z
    .string()
    .regex(/^INVOKE_SECRET_[A-Z0-9_]{1,64}$/, 'expected the name of a variable: INVOKE_SECRET_...')
    .nullish(),
});
export type ProviderRegistration = z.infer<typeof ProviderRegistration>;

/** POST /providers/{id}/tools: create or update. Exactly one of mcp_url and http says where the tool is. */
export const ToolRegistration = z
  .strictObject({
    name: ToolName,
    capability_card: CapabilityCard,
    mcp_tool: z.string().min(1).max(128).nullish(),
    mcp_url: z.string().min(1).max(2048).nullish(),
    http: HttpBinding.nullish(),
    approval_required: z.boolean().default(false),
    risk_level: RiskLevel.default('medium'),
  })
  .refine((t) => Boolean(t.mcp_url) !== Boolean(t.http), {
    path: ['mcp_url'],
    message: 'expected exactly one of mcp_url and http',
  });
export type ToolRegistration = z.infer<typeof ToolRegistration>;
export type ToolRegistrationInput = z.input<typeof ToolRegistration>;

export const ProviderView = z.strictObject({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  gateway_url: z.string(),
});
export type ProviderView = z.infer<typeof ProviderView>;

/** A tool as GET /tools shows it. `id` is readable and callable. */
export const ToolView = z.strictObject({
  id: z.string(),
  key: z.string(),
  name: z.string(),
  provider: z.string(),
  description: z.string(),
  risk_level: RiskLevel,
  approval_required: z.boolean(),
  configured: z.boolean(),
  tool_class: z.enum(['R', 'A', 'B', 'C']),
  version: z.string(),
  capability_card: CapabilityCard,
});
export type ToolView = z.infer<typeof ToolView>;
