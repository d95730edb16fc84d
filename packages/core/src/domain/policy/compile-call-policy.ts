import type { CallPolicy, PolicyMistake } from '@invoke/contract';
import { compileConditions } from './conditions.js';
import { compileRules, Mistakes } from './compile-policy.js';
import type { CompiledCallPolicy } from './compiled-policy.js';
import type { ExpressionLanguage } from './expression.js';
import { CONDITION_NAMES } from './policy-names.js';
import { renderCaret } from './render-caret.js';

export type CallPolicyCompilation =
  | { readonly kind: 'ok'; readonly policy: CompiledCallPolicy }
  /** At least one. Pointers are into the policy. */
  | { readonly kind: 'invalid'; readonly mistakes: readonly PolicyMistake[] };

/** Compiles what a caller attached to one call: rules, an intent policy, or a conditional approval contract. */
export function compileCallPolicy(policy: CallPolicy, language: ExpressionLanguage): CallPolicyCompilation {
  const mistakes = new Mistakes(language);
  const rules = compileRules(policy.rules ?? [], 'call', mistakes);
  mistakes.findRepeated(policy.rules ?? [], '/rules');
  const condition =
    policy.condition === undefined ? null : mistakes.compile(policy.condition, '/condition', CONDITION_NAMES);
  const conditions = policy.conditions === undefined ? null : compileConditions(policy.conditions, language);
  if (conditions?.kind === 'error') {
    const { pointer, message, at } = conditions;
    const written = Object.values(policy.conditions ?? {})[indexOf(policy, pointer)];
    const caret = typeof written === 'string' ? renderCaret(written, at, message) : message;
    mistakes.found.push({ pointer: `/conditions${pointer}`, message, caret });
  }
  if (mistakes.found.length > 0 || conditions?.kind === 'error')
    return { kind: 'invalid', mistakes: mistakes.found };
  return { kind: 'ok', policy: { policy, rules, condition, conditions } };
}

function indexOf({ conditions = {} }: CallPolicy, pointer: string): number {
  const field = pointer.slice(1).replaceAll('~1', '/').replaceAll('~0', '~');
  return Object.keys(conditions).indexOf(field);
}
