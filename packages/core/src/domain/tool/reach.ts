import { refuse, type Decision, type Refused } from '../decision.js';
import type { ToolDefinition } from './tool-definition.js';

/** The tools that a call may reach: its own, and the fallback that its failure policy names. */
export interface Reach {
  readonly tool: ToolDefinition;
  readonly fallback: ToolDefinition | null;
}

export function toolsOf({ tool, fallback }: Reach): readonly ToolDefinition[] {
  return fallback === null ? [tool] : [tool, fallback];
}

export function mayWrite(reach: Reach): boolean {
  return toolsOf(reach).some(({ card }) => card.effect === 'write');
}

/**
 * The judgement of one tool, made for each that the call may reach: a fallback is called without anybody being asked again,
 * so it has to be allowed as a call of its own would be.
 */
export function decideReach({ tool, fallback }: Reach, judge: (tool: ToolDefinition) => Decision): Decision {
  const own = judge(tool);
  if (own.kind !== 'proceed' || fallback === null) return own;
  const its = judge(fallback);
  return its.kind === 'refuse' ? asFallback(fallback, its) : its;
}

/** The refusal of a call of this tool, said of the call that names it as its fallback. */
export function asFallback({ name }: Pick<ToolDefinition, 'name'>, { refusal }: Refused): Refused {
  const { code, message, errors = [], details } = refusal;
  const pointed = { pointer: '/failure_policy/fallback', message };
  return refuse(code, `${name} cannot be the fallback of this call: ${message}`, {
    errors: errors.length > 0 ? errors : [pointed],
    ...(details === undefined ? {} : { details }),
  });
}
