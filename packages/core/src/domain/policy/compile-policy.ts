import type { PolicyDocument, PolicyMistake, PolicyRule } from '@invoke/contract';
import type { CompiledBudget, CompiledPolicy, CompiledRule } from './compiled-policy.js';
import type { Expression, ExpressionLanguage, NameRules } from './expression.js';
import { POLICY_ROOTS, RULE_NAMES } from './policy-names.js';
import type { RuleSource } from './policy-verdict.js';
import { renderCaret } from './render-caret.js';

export type PolicyCompilation =
  | { readonly kind: 'ok'; readonly policy: CompiledPolicy }
  /** At least one. Pointers are into the document. */
  | { readonly kind: 'invalid'; readonly mistakes: readonly PolicyMistake[] };

/** Compiles every rule and budget of a document, or tells all that is wrong with it. */
export function compilePolicy(
  document: Pick<PolicyDocument, 'rules' | 'budgets'>,
  source: RuleSource,
  language: ExpressionLanguage,
): PolicyCompilation {
  const mistakes = new Mistakes(language);
  const rules = compileRules(document.rules, source, mistakes);
  const budgets = document.budgets.map((budget, i): CompiledBudget => {
    const pointer = `/budgets/${i}/when`;
    const when = budget.when === undefined ? null : mistakes.compile(budget.when, pointer, RULE_NAMES);
    return { budget, source, when };
  });
  mistakes.findRepeated(document.rules, '/rules');
  mistakes.findRepeated(document.budgets, '/budgets');
  return mistakes.found.length === 0
    ? { kind: 'ok', policy: { rules, budgets } }
    : { kind: 'invalid', mistakes: mistakes.found };
}

/** Those that cannot be compiled are left out, and noted. */
export function compileRules(
  rules: readonly PolicyRule[],
  source: RuleSource,
  mistakes: Mistakes,
): readonly CompiledRule[] {
  return rules.flatMap((rule, order) => {
    const when = mistakes.compile(rule.when, `/rules/${order}/when`, RULE_NAMES);
    if (when === null) return [];
    const { id, effect, priority, approvers = 1, intent = null, allowed_action: allowedAction = null } = rule;
    const reason = rule.reason ?? reasonOf(rule);
    const name = id ?? `rules[${order}]`;
    return [{ rule: name, source, effect, when, reason, intent, allowedAction, approvers, priority, order }];
  });
}

/** Collects what is wrong. */
export class Mistakes {
  readonly found: PolicyMistake[] = [];
  private readonly language: ExpressionLanguage;

  constructor(language: ExpressionLanguage) {
    this.language = language;
  }

  /** Null: it cannot be compiled, and that is noted. */
  compile(source: string, pointer: string, names: NameRules): Expression | null {
    const compiled = this.language.compile(source, POLICY_ROOTS, names);
    if (compiled.kind === 'ok') return compiled.expression;
    const { at, message } = compiled.error;
    this.found.push({ pointer, message, caret: renderCaret(source, at, message) });
    return null;
  }

  add(pointer: string, message: string): void {
    this.found.push({ pointer, message, caret: message });
  }

  /** What is told of a decision names the rule, so no two may have one name. */
  findRepeated(items: readonly { readonly id?: string | undefined }[], pointer: string): void {
    const seen = new Set<string>();
    for (const [i, { id }] of items.entries()) {
      if (id === undefined) continue;
      if (seen.has(id)) this.add(`${pointer}/${i}/id`, `${id} is the id of another one already`);
      seen.add(id);
    }
  }
}

const LONGEST_QUOTE = 120;

function reasonOf({ when, effect }: PolicyRule): string {
  const quoted = when.length <= LONGEST_QUOTE ? when : `${when.slice(0, LONGEST_QUOTE - 3)}...`;
  switch (effect) {
    case 'allow':
      return `Allowed, because ${quoted}`;
    case 'deny':
      return `Not allowed, because ${quoted}`;
    case 'require_approval':
      return `Approval is required, because ${quoted}`;
  }
}
