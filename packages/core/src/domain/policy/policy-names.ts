import type { NameRules } from './expression.js';
import type { PolicyFacts } from './policy-verdict.js';

/** The names at the root of an expression. */
export const POLICY_ROOTS = [
  'action',
  'tool',
  'agent_id',
  'workflow',
  'env',
  'intent',
  'risk',
  'params',
  'variables',
  'tool_outputs',
  'state',
  'frozen',
  'entity',
  'now',
] as const satisfies readonly (keyof PolicyFacts)[];

/** In rules, a bare name is a field of the params, else of the variables, else of the state. */
export const RULE_NAMES: NameRules = {
  openIn: ['params', 'variables', 'state'],
  agreeing: ['params', 'variables'],
  instants: ['now'],
};

/** In the condition of an intent policy the state comes first: what was known earlier must not hide what is so now. */
export const CONDITION_NAMES: NameRules = { ...RULE_NAMES, openIn: ['state', 'params', 'variables'] };
