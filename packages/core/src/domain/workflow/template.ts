import type { JsonObject } from '@invoke/contract';
import { holdsBrokenText } from '../json/holds-broken-text.js';
import { holdsInexactNumber } from '../json/holds-inexact-number.js';

/** What placeholders may refer to. */
export interface TemplateScope {
  readonly input: JsonObject;
  /** Of each step that is done, what it found. */
  readonly steps: Readonly<Record<string, unknown>>;
}

export type Filled =
  | { readonly kind: 'ok'; readonly value: unknown }
  /** What a placeholder without a default refers to is not there. */
  | { readonly kind: 'missing'; readonly path: string }
  /** What a step has found has a number that may not be the one that was written (see `holdsInexactNumber`). */
  | { readonly kind: 'inexact'; readonly path: string }
  /** What a step has found has text that is not whole (see `holdsBrokenText`). */
  | { readonly kind: 'broken'; readonly path: string };

export interface Placeholder {
  readonly root: 'input' | 'steps';
  readonly path: readonly string[];
  /** Undefined: it has none. */
  readonly fallback: string | undefined;
}

/**
 * A value with its placeholders filled, at any depth. Only a string that is a placeholder as a whole is replaced, once, and
 * by the value as it is, with its type: what is filled in is never read as a template itself.
 */
export function fillTemplate(value: unknown, scope: TemplateScope): Filled {
  if (typeof value === 'string') return fillText(value, scope);
  if (typeof value !== 'object' || value === null) return { kind: 'ok', value };
  const entries: [string, unknown][] = [];
  for (const [name, child] of Object.entries(value)) {
    const filled = fillTemplate(child, scope);
    if (filled.kind !== 'ok') return filled;
    entries.push([name, filled.value]);
  }
  return {
    kind: 'ok',
    value: Array.isArray(value) ? entries.map(([, v]) => v) : Object.fromEntries(entries),
  };
}

const PLACEHOLDER = /^\$\{(input|steps)((?:\.[A-Za-z0-9_-]+)+)(?:\|(.*))?\}$/s;

/** The placeholder that a string is; null where it is plain text. */
export function parsePlaceholder(text: string): Placeholder | null {
  const match = PLACEHOLDER.exec(text);
  if (match === null) return null;
  const [, root, path = '', fallback] = match;
  return { root: root === 'steps' ? 'steps' : 'input', path: path.slice(1).split('.'), fallback };
}

function fillText(text: string, scope: TemplateScope): Filled {
  const placeholder = parsePlaceholder(text);
  if (placeholder === null) return { kind: 'ok', value: text };
  const { root, path, fallback } = placeholder;
  const value = ownPath(scope[root], path);
  const where = [root, ...path].join('.');
  if (value !== undefined) {
    if (root === 'steps' && holdsInexactNumber(value)) return { kind: 'inexact', path: where };
    if (root === 'steps' && holdsBrokenText(value)) return { kind: 'broken', path: where };
    return { kind: 'ok', value };
  }
  return fallback === undefined
    ? { kind: 'missing', path: where }
    : { kind: 'ok', value: defaultOf(fallback) };
}

/** `3` is a number, `{}` an object; what is no JSON is text. */
function defaultOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function ownPath(root: unknown, path: readonly string[]): unknown {
  let current = root;
  for (const name of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined;
    if (Array.isArray(current) && name === 'length') return undefined;
    current = (current as JsonObject)[name];
  }
  return current;
}
