import { PolicyDocument, type Budget } from '@invoke/contract';
import { compilePolicy } from '../../domain/policy/compile-policy.js';
import type { CompiledBudget, CompiledPolicy } from '../../domain/policy/compiled-policy.js';
import type { ExpressionLanguage } from '../../domain/policy/expression.js';
import type { PolicyRecord } from '../../domain/policy/policy-record.js';
import { indexRules, type RuleIndex } from '../../domain/policy/rule-index.js';
import type { Log } from '../../ports/log.js';
import type { Tools } from '../deps.js';

export interface StoredDocumentPorts {
  readonly language: ExpressionLanguage;
  readonly tools: Pick<Tools, 'policies'>;
  readonly log: Log;
}

/** A document, ready to be held against calls. */
export interface LoadedDocument {
  readonly index: RuleIndex;
  readonly budgets: readonly CompiledBudget[];
}

export interface StoredDocument extends LoadedDocument {
  /** Why it cannot be used any more; null where it can. */
  readonly broken: string | null;
}

export interface StoredDocuments {
  of(tenant: string): StoredDocument;
}

export function toDocument({ rules, budgets }: CompiledPolicy): LoadedDocument {
  return { index: indexRules(rules), budgets };
}

/** What tenants have stored, each compiled when its tenant next calls, and again only when its text is another. */
export function createStoredDocuments({ language, tools, log }: StoredDocumentPorts): StoredDocuments {
  let records: readonly PolicyRecord[] | null = null;
  const current = new Map<string, StoredDocument>();
  const compiled = new Map<string, { readonly text: string; readonly document: StoredDocument }>();

  function load(tenant: string): StoredDocument {
    const record = records?.find((r) => r.tenant === tenant);
    if (record === undefined) return NONE;
    const text = JSON.stringify(record.document);
    const before = compiled.get(tenant);
    if (before?.text === text) return before.document;
    const document = compile(record);
    compiled.set(tenant, { text, document });
    return document;
  }

  /** What could be compiled when it was stored may not be any more, after an upgrade: then nothing is allowed. */
  function compile({ tenant, document }: PolicyRecord): StoredDocument {
    const why = whyUnread(document);
    const result = why === null ? compilePolicy(document, 'tenant', language) : null;
    if (result?.kind === 'ok') return { ...toDocument(result.policy), broken: null };
    const [first] = result?.mistakes ?? [];
    const broken = why ?? `${first?.pointer}: ${first?.message}`;
    log.error('stored_policy_broken', { tenant, why: broken });
    return { ...NONE, broken };
  }

  return {
    of(tenant) {
      const now = tools.policies();
      if (now !== records) {
        records = now;
        current.clear();
      }
      const known = current.get(tenant);
      if (known !== undefined) return known;
      const document = load(tenant);
      current.set(tenant, document);
      return document;
    },
  };
}

const NONE: StoredDocument = { ...toDocument({ rules: [], budgets: [] }), broken: null };

function whyUnread(document: unknown): string | null {
  const parsed = PolicyDocument.safeParse(withoutLimitless(document));
  if (parsed.success) return null;
  const [issue] = parsed.error.issues;
  return `/${issue?.path.join('/') ?? ''}: ${issue?.message}`;
}

/**
 * Earlier versions took budgets without a limit. They limit nothing, and a tenant that has stored one must not stand still for
 * it after an update; nobody can store one any more.
 */
function withoutLimitless(document: unknown): unknown {
  const { budgets } = document as { readonly budgets?: unknown };
  const limits = (b: Partial<Budget>) => b.max_calls !== undefined || b.max_amount !== undefined;
  return Array.isArray(budgets) ? { ...(document as object), budgets: budgets.filter(limits) } : document;
}
