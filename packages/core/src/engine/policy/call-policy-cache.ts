import type { CallPolicy } from '@invoke/contract';
import { canonicalJson } from '../../domain/json/canonical-json.js';
import { compileCallPolicy, type CallPolicyCompilation } from '../../domain/policy/compile-call-policy.js';
import type { ExpressionLanguage } from '../../domain/policy/expression.js';

/** Agents send the same few policies again and again; strangers' many do not fill the memory. */
const MOST_POLICIES = 1_000;
const MOST_CHARACTERS = 4_000_000;

export interface CallPolicyCache {
  compile(policy: CallPolicy): CallPolicyCompilation;
}

/** Compiles each text once; what was not used for longest is forgotten first. */
export function createCallPolicyCache(language: ExpressionLanguage): CallPolicyCache {
  const known = new Map<string, CallPolicyCompilation>();
  let characters = 0;

  function forgetOldest(): void {
    for (const [text] of known) {
      if (known.size <= MOST_POLICIES && characters <= MOST_CHARACTERS) return;
      known.delete(text);
      characters -= text.length;
    }
  }

  return {
    compile(policy) {
      const text = canonicalJson(policy);
      const before = known.get(text);
      if (before !== undefined) {
        known.delete(text);
        known.set(text, before);
        return before;
      }
      const compiled = compileCallPolicy(policy, language);
      known.set(text, compiled);
      characters += text.length;
      forgetOldest();
      return compiled;
    },
  };
}
