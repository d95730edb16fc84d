import { z } from 'zod';

/** What a scoped API key may do. */
export const SCOPES = [
  'tools:read',
  'tools:call',
  'state:verify',
  'outcomes:reconcile',
  'approvals:read',
  'approvals:write',
  'logs:read',
  'traces:read',
  'providers:admin',
] as const;
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

const names = z.array(z.string().min(1).max(256)).max(1000);

/**
 * One entry of INVOKE_API_KEY_SCOPES: the limits of one API key. A list that is absent does not limit; an empty list
 * allows nothing. `agent_id` is the identity of the key's agent and is implied where a request names none.
 */
export const KeyGrant = z.strictObject({
  scopes: z.array(Scope).default([]),
  allowed_tools: names.optional(),
  read_only: z.boolean().default(false),
  agent_id: z.string().min(1).max(128).optional(),
  envs: names.optional(),
  agents: names.optional(),
  workflows: names.optional(),
  allowed_actions: names.optional(),
  resources: names.optional(),
  tenant: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .default('default'),
  expires_at: z.iso.datetime({ offset: true }).optional(),
});
export type KeyGrant = z.infer<typeof KeyGrant>;
export type KeyGrantInput = z.input<typeof KeyGrant>;
