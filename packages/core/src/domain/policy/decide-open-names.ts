import type { JsonObject } from '@invoke/contract';
import { PROCEED, refuse, type Decision } from '../decision.js';
import { closestName } from './closest-name.js';
import type { CompiledCallPolicy } from './compiled-policy.js';
import type { OpenName } from './expression.js';
import { POLICY_ROOTS } from './policy-names.js';
import { renderCaret } from './render-caret.js';

/** Where the bare names of a call's own rules may come from. */
export interface NameSources {
  readonly params: JsonObject;
  readonly variables: JsonObject;
  readonly state: JsonObject;
  /** Of the tool's params. */
  readonly inputSchema: JsonObject;
}

/**
 * Refuses rules attached to a call that use a name which nothing about this call knows: a slip of the pen, most likely, and
 * a rule that is never true would protect from nothing.
 */
export function decideOpenNames(own: CompiledCallPolicy, sources: NameSources): Decision {
  const known = knownNames(own, sources);
  for (const rule of own.rules) {
    const unknown = rule.when.openNames.find(({ name }) => !known.has(name));
    if (unknown !== undefined) return refuseName(unknown, { ...rule, source: rule.when.source }, known);
  }
  return PROCEED;
}

function knownNames(own: CompiledCallPolicy, sources: NameSources): ReadonlySet<string> {
  const { properties } = sources.inputSchema;
  return new Set([
    ...Object.keys(sources.params),
    ...Object.keys(sources.variables),
    ...Object.keys(sources.state),
    ...(typeof properties === 'object' && properties !== null ? Object.keys(properties) : []),
    ...(own.condition?.openNames ?? []).map(({ name }) => name),
    ...Object.keys(own.policy.conditions ?? {}).map((path) => path.split('.')[0] ?? path),
  ]);
}

function refuseName(
  { name, at }: OpenName,
  rule: { readonly rule: string; readonly order: number; readonly source: string },
  known: ReadonlySet<string>,
): Decision {
  const meant = closestName(name, [...known, ...POLICY_ROOTS]);
  const hint = meant === null ? 'text needs quotes' : `did you mean ${meant}?`;
  const message = `${name} is not known in this call; ${hint}`;
  return refuse('policy_invalid', `${rule.rule} cannot be used: ${message}`, {
    errors: [{ pointer: `/policy/rules/${rule.order}/when`, message }],
    details: { caret: renderCaret(rule.source, at, message) },
  });
}
