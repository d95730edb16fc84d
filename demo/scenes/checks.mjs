/** @import { Check, LedgerEntry, Measure } from '../types.ts' */

/**
 * @param {string} claim
 * @param {boolean} holds
 * @returns {Check}
 */
export function check(claim, holds) {
  return { claim, holds };
}

/**
 * The number of ledger entries of one kind.
 * @param {string} label
 * @param {Partial<Pick<LedgerEntry, 'kind' | 'subject'>>} like
 * @returns {Measure}
 */
export function measure(label, like) {
  return {
    label,
    count: (entries) =>
      entries.filter((e) => (like.kind ?? e.kind) === e.kind && (like.subject ?? e.subject) === e.subject)
        .length,
  };
}
