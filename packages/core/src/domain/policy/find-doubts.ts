import type { PolicyMistake } from '@invoke/contract';
import { closestName } from './closest-name.js';
import type { CompiledRule } from './compiled-policy.js';
import { POLICY_ROOTS } from './policy-names.js';
import { renderCaret } from './render-caret.js';

/**
 * What compiles and is probably not meant: a bare name that is nearly a root is read as a field of the params, and since no
 * call has it, the rule restricts every call.
 */
export function findDoubts(rules: readonly CompiledRule[]): readonly PolicyMistake[] {
  return rules.flatMap(({ when, order }) =>
    when.openNames.flatMap(({ name, at }) => {
      const meant = closestName(name, POLICY_ROOTS);
      if (meant === null) return [];
      const message = `${name} is read as a field of params, variables or state; did you mean ${meant}?`;
      return [{ pointer: `/rules/${order}/when`, message, caret: renderCaret(when.source, at, message) }];
    }),
  );
}
