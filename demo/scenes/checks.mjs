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
 * The number of ledger entries that have all of this.
 * @param {string} label
 * @param {Partial<Pick<LedgerEntry, 'kind' | 'subject' | 'detail'>>} like
 * @returns {Measure}
 */
export function measure(label, { kind, subject, detail = {} }) {
  /** @param {LedgerEntry} entry */
  const matches = (entry) =>
    (kind ?? entry.kind) === entry.kind &&
    (subject ?? entry.subject) === entry.subject &&
    Object.entries(detail).every(([name, value]) => entry.detail[name] === value);
  return { label, count: (entries) => entries.filter(matches).length };
}
