import type { KeyGrant } from '@invoke/contract';
import { epochMs } from '../time.js';
import type { Principal } from './principal.js';

/** The tenant of keys that name none. */
export const DEFAULT_TENANT = 'default';

/** A key without limits. */
export function fullAccess(keyId: string, tenant: string = DEFAULT_TENANT): Principal {
  return {
    tenant,
    keyId,
    scopes: null,
    allowedTools: null,
    readOnly: false,
    agentId: null,
    envs: null,
    agents: null,
    workflows: null,
    actions: null,
    resources: null,
    expiresAt: null,
    madeBy: [],
  };
}

/** A scoped key, as its grant limits it. */
export function toPrincipal(keyId: string, grant: KeyGrant, madeBy: readonly string[] = []): Principal {
  const list = (names: readonly string[] | undefined) => (names === undefined ? null : new Set(names));
  return {
    tenant: grant.tenant,
    keyId,
    scopes: new Set(grant.scopes),
    allowedTools: list(grant.allowed_tools),
    readOnly: grant.read_only,
    agentId: grant.agent_id ?? null,
    envs: list(grant.envs),
    agents: list(grant.agents),
    workflows: list(grant.workflows),
    actions: list(grant.allowed_actions),
    resources: list(grant.resources),
    expiresAt: grant.expires_at === undefined ? null : epochMs(Date.parse(grant.expires_at)),
    madeBy,
  };
}
