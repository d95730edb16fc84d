/** Registers the tools. */
export const OWNER_KEY = 'inv_e2e_owner_0123456789';
/** What agents have: they call, and may not decide. */
export const AGENT_KEY = 'inv_e2e_agent_0123456789';
/** What people have: they decide, and may not call. */
export const APPROVER_KEY = 'inv_e2e_approver_0123456789';
/** Calls and decides, which does not mean: on its own calls. */
export const BOTH_KEY = 'inv_e2e_both_0123456789';
/** May only look one thing up. */
export const NARROW_KEY = 'inv_e2e_narrow_0123456789';

const AGENT_SCOPES = ['tools:read', 'tools:call', 'state:verify', 'outcomes:reconcile', 'traces:read'];
const APPROVER_SCOPES = ['approvals:read', 'approvals:write'];

/** The environment of the gateway, as far as keys go. */
export function keyEnvironment(): Record<string, string> {
  const grants = {
    [AGENT_KEY]: { scopes: AGENT_SCOPES },
    [APPROVER_KEY]: { scopes: APPROVER_SCOPES },
    [BOTH_KEY]: { scopes: [...AGENT_SCOPES, ...APPROVER_SCOPES] },
    [NARROW_KEY]: { scopes: ['tools:call'], allowed_tools: ['billing.invoice'], read_only: true },
  };
  return { INVOKE_API_KEYS: OWNER_KEY, INVOKE_API_KEY_SCOPES: JSON.stringify(grants) };
}
