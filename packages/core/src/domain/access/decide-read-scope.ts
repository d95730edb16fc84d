import type { Scope } from '@invoke/contract';
import { refuse, PROCEED, type Decision } from '../decision.js';
import { decideHeldScope } from './decide-principal.js';
import type { Principal } from './principal.js';

/**
 * Whether a key may have state read for it at all. A key that may call tools reads by any read tool that it may call. A key
 * that may only verify or reconcile has no calls whose rights it could borrow: it reads by the tools that its own list names,
 * and without a list by none. Which of them really read, and within which context, is for others to say.
 *
 * @param under the scope that the request came under
 */
export function decideReadScope(principal: Principal, under: Scope, reference: string): Decision {
  const held = decideHeldScope(principal, under);
  if (held.kind === 'refuse') return held;
  const mayCall = decideHeldScope(principal, 'tools:call').kind === 'proceed';
  if (mayCall || principal.allowedTools !== null) return PROCEED;
  return refuse(
    'tool_not_allowed',
    'This key may not call tools, so state is only read for it by tools that its allowed_tools name.',
    { details: { tool: reference } },
  );
}
