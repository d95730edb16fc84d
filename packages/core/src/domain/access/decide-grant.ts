import type { KeyGrant, Refusal } from '@invoke/contract';
import { PROCEED, refuse, type Decision } from '../decision.js';
import { between, epochMs } from '../time.js';
import { decideHeldScope } from './decide-principal.js';
import type { Principal } from './principal.js';

/**
 * Whether this principal may hand out a key with these limits: it may make keys at all, and the new key can do nothing that it
 * could not do itself. A limit that it has, the new key has too, as narrow or narrower.
 */
export function decideGrant(principal: Principal, grant: KeyGrant): Decision {
  const held = decideHeldScope(principal, 'providers:admin');
  if (held.kind === 'refuse') return held;
  const refusal = widerScope(principal, grant) ?? widerLimit(principal, grant);
  return refusal === null ? PROCEED : { kind: 'refuse', refusal };
}

function widerScope({ scopes }: Principal, grant: KeyGrant): Refusal | null {
  const missing = scopes === null ? undefined : grant.scopes.find((scope) => !scopes.has(scope));
  if (missing === undefined) return null;
  return refuse('insufficient_scope', `This key does not have the scope ${missing}, and cannot grant it.`, {
    details: { missing_scope: missing },
  }).refusal;
}

function widerLimit(principal: Principal, grant: KeyGrant): Refusal | null {
  if (grant.tenant !== principal.tenant) return wider('tenant');
  if (principal.readOnly && !grant.read_only) return wider('read_only');
  if (principal.agentId !== null && grant.agent_id !== principal.agentId) return wider('agent_id');
  const ends = grant.expires_at === undefined ? null : epochMs(Date.parse(grant.expires_at));
  if (principal.expiresAt !== null && (ends === null || between(principal.expiresAt, ends) > 0)) {
    return wider('expires_at');
  }
  const lists = {
    allowed_tools: principal.allowedTools,
    envs: principal.envs,
    agents: principal.agents,
    workflows: principal.workflows,
    allowed_actions: principal.actions,
    resources: principal.resources,
  } as const;
  for (const [limit, own] of Object.entries(lists)) {
    const wanted = grant[limit as keyof typeof lists];
    if (own !== null && (wanted === undefined || wanted.some((name) => !own.has(name)))) return wider(limit);
  }
  return null;
}

function wider(limit: string): Refusal {
  return refuse(
    'context_denied',
    `Not allowed: the new key would be less limited in ${limit} than this one.`,
    {
      details: { limit },
    },
  ).refusal;
}
