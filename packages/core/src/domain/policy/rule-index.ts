import type { CompiledRule } from './compiled-policy.js';
import type { PolicyFacts } from './policy-verdict.js';

/** Rules, found by what they cannot do without: of a thousand, a call has to look at the few that may concern it. */
export interface RuleIndex {
  readonly rules: readonly CompiledRule[];
  /** Every rule that is left out is false of this call. */
  candidates(facts: PolicyFacts): readonly CompiledRule[];
}

/** Roots that hold one word, those with the most different values first. */
const PINNABLE = ['tool', 'action', 'agent_id', 'workflow', 'intent', 'env', 'risk'] as const;
type Pinnable = (typeof PINNABLE)[number];

/** Files each rule under the words of one of its pins; rules without any have to be looked at by every call. */
export function indexRules(rules: readonly CompiledRule[]): RuleIndex {
  const everywhere: CompiledRule[] = [];
  const byRoot = new Map<Pinnable, Map<string, CompiledRule[]>>();
  for (const rule of rules) {
    const root = PINNABLE.find((name) => rule.when.pins.some((pin) => pin.root === name));
    if (root === undefined) everywhere.push(rule);
    else file(rule, root, byRoot);
  }
  const shelves = [...byRoot];
  return {
    rules,
    candidates(facts) {
      let found: readonly CompiledRule[] = everywhere;
      for (const [root, shelf] of shelves) {
        const word = facts[root];
        const filed = word === null ? undefined : shelf.get(word);
        if (filed !== undefined) found = found.length === 0 ? filed : [...found, ...filed];
      }
      return found;
    },
  };
}

function file(rule: CompiledRule, root: Pinnable, byRoot: Map<Pinnable, Map<string, CompiledRule[]>>): void {
  const shelf = byRoot.get(root) ?? new Map<string, CompiledRule[]>();
  byRoot.set(root, shelf);
  for (const word of valuesOf(rule, root)) {
    const filed = shelf.get(word);
    if (filed === undefined) shelf.set(word, [rule]);
    else filed.push(rule);
  }
}

/** All pins of a root have to hold, so those of the first are enough to find the rule by. */
function valuesOf({ when }: CompiledRule, root: Pinnable): ReadonlySet<string> {
  return new Set(when.pins.find((pin) => pin.root === root)?.values);
}
