import type { CallPolicy, PolicyMistake, Refusal } from '@invoke/contract';
import { compilePolicy } from '../../domain/policy/compile-policy.js';
import { createCallPolicyCache } from './call-policy-cache.js';
import { judgeCall } from './judge-call.js';
import type { Policies } from './policies.js';
import { refusePolicy } from './refuse-policy.js';
import { createStoredDocuments, toDocument, type StoredDocumentPorts } from './stored-documents.js';

/** Policies compile once: the operator's when it is set, a tenant's when it changes, a caller's at its first use. */
export function createPolicies({ language, tools, log }: StoredDocumentPorts): Policies {
  const cache = createCallPolicyCache(language);
  let operator = toDocument({ rules: [], budgets: [] });
  const stored = createStoredDocuments({ language, tools, log });

  const inForce: Policies['inForce'] = (tenant) => {
    const { index, broken } = stored.of(tenant);
    return { operator: operator.index, tenant: index, broken };
  };
  return {
    inForce,
    judge: (tenant, facts, own) => judgeCall(inForce(tenant), { facts, own }, language),
    budgets(tenant) {
      const { budgets } = stored.of(tenant);
      return budgets.length === 0 ? operator.budgets : [...operator.budgets, ...budgets];
    },
    compileCall(policy, now) {
      const expiry = expiryMistake(policy, now);
      if (expiry !== null) return refused([expiry]);
      const compiled = cache.compile(policy);
      return compiled.kind === 'ok' ? compiled : refused(compiled.mistakes);
    },
    setOperatorDocument(document) {
      const compiled = compilePolicy(document, 'operator', language);
      if (compiled.kind === 'invalid')
        return { kind: 'refused', refusal: refusePolicy('The policy', compiled.mistakes) };
      operator = toDocument(compiled.policy);
      return { kind: 'ok' };
    },
  };
}

/** What a human approves today must not be executed in a year. */
const LONGEST_EXPIRY_DAYS = 366;
const DAY_MS = 86_400_000;

function expiryMistake({ expires_at: written }: CallPolicy, now: number): PolicyMistake | null {
  if (written === undefined) return null;
  const at = Date.parse(written);
  if (at > now && at <= now + LONGEST_EXPIRY_DAYS * DAY_MS) return null;
  const message =
    at > now ? `expected an instant within ${LONGEST_EXPIRY_DAYS} days` : 'expected an instant in the future';
  return { pointer: '/expires_at', message, caret: `${message}: ${written}` };
}

function refused(mistakes: readonly PolicyMistake[]): {
  readonly kind: 'refused';
  readonly refusal: Refusal;
} {
  return { kind: 'refused', refusal: refusePolicy('The policy of this call', mistakes, '/policy') };
}
