/** @import { Faults, LedgerEntry } from '../types.ts' */

/**
 * What really happened at the tools: append-only, and it removes no duplicates. It is the judge of the demo, so nothing of
 * Invoke reads or writes it.
 */
export function createLedger() {
  /** @type {LedgerEntry[]} */
  const entries = [];
  let chapter = 'before the first scene';
  /** @type {Faults} */
  let faults = {};
  /** @type {Map<string, number>} */
  const calls = new Map();

  return {
    /** @param {string} name @param {Faults} newFaults */
    openChapter(name, newFaults) {
      chapter = name;
      faults = newFaults;
      calls.clear();
    },

    /** @param {Pick<LedgerEntry, 'kind' | 'subject' | 'detail'>} entry @returns {LedgerEntry} */
    append(entry) {
      const written = { seq: entries.length + 1, chapter, at: Date.now(), ...entry };
      entries.push(written);
      return written;
    },

    /** @param {string} name @returns {readonly LedgerEntry[]} */
    of: (name) => entries.filter((e) => e.chapter === name),

    /**
     * Counts one call of a tool, and says what this chapter has in store for it.
     * @param {string} tool
     * @returns {{ n: number, fails: boolean, losesAnswer: boolean }}
     */
    countCall(tool) {
      const n = (calls.get(tool) ?? 0) + 1;
      calls.set(tool, n);
      return {
        n,
        fails: n <= (faults.failFirst?.[tool] ?? 0),
        losesAnswer: n <= (faults.loseAnswers?.[tool] ?? 0),
      };
    },
  };
}

/** @typedef {ReturnType<typeof createLedger>} Ledger */
