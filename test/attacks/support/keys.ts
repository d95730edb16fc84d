import type { KeyGrantInput } from '@invoke/contract';

/** API keys by the names under which rows call them. Every key of the tests can be told by `inv_attack_`. */
export const FULL_KEY = 'inv_attack_full_0123456789';

/** The limits of each of the other keys. */
export const GRANTS = {
  SCOPED: {
    scopes: ['tools:read', 'tools:call', 'traces:read'],
    /* The second one is a tool of these tests: the first only ever reaches public addresses. */
    allowed_tools: ['fetch.url', 'mock.state'],
    read_only: true,
    agent_id: 'research_agent_v1',
    envs: ['dev', 'prod'],
    agents: ['research_agent_v1'],
    workflows: ['market_research'],
    resources: ['cust_123', 'repo:acme/app'],
  },
  CALL_ONLY: { scopes: ['tools:call'] },
  VERIFY_ONLY: { scopes: ['state:verify'], allowed_tools: ['mock.state'] },
  APPROVER: { scopes: ['approvals:read', 'approvals:write'] },
  RO_ALLTOOLS: { scopes: ['tools:read', 'tools:call'], read_only: true },
  RES_CUST123: { scopes: ['tools:call'], resources: ['cust_123'] },
  RES_REPO: { scopes: ['tools:call'], resources: ['repo:acme/app'] },
  ACT_SENDMAIL: { scopes: ['tools:call'], allowed_actions: ['send_mail'] },
  ALLOW_CRM_DOT: { scopes: ['tools:call'], allowed_tools: ['crm.update.customer'] },
  TENANT_B: {
    tenant: 'b',
    scopes: [
      'tools:read',
      'tools:call',
      'traces:read',
      'approvals:read',
      'approvals:write',
      'providers:admin',
    ],
  },
} as const satisfies Record<string, KeyGrantInput>;

export type KeyName = 'FULL' | keyof typeof GRANTS;

export function keyOf(name: KeyName): string {
  return name === 'FULL' ? FULL_KEY : `inv_attack_${name.toLowerCase()}_0123456789`;
}

export function isKeyName(name: string): name is KeyName {
  return name === 'FULL' || Object.hasOwn(GRANTS, name);
}

/** The environment of the gateway, as far as keys go. */
export function keyEnvironment(): Record<string, string> {
  const scoped = Object.entries(GRANTS).map(([name, grant]) => [keyOf(name as KeyName), grant]);
  return { INVOKE_API_KEYS: FULL_KEY, INVOKE_API_KEY_SCOPES: JSON.stringify(Object.fromEntries(scoped)) };
}
