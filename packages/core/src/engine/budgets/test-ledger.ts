import type { BudgetSpent, Charge } from '../../domain/budget/charge.js';
import { StorageUnavailable } from '../../ports/store.js';
import type { UsageQuery, UsageStore } from '../../ports/usage-store.js';

/** Budgets in memory, for tests of what stands beside them: the store's own conformance suite is elsewhere. */
export interface TestLedger extends UsageStore {
  /** From now on the store does not acknowledge anything. */
  down: boolean;
  readonly queries: UsageQuery[];
  rows(): readonly BudgetSpent[];
}

export function createTestLedger(): TestLedger {
  const rows = new Map<string, BudgetSpent>();
  const keyOf = (c: Pick<Charge, 'budget' | 'subject' | 'windowStart'>) =>
    `${c.budget}\n${c.subject}\n${c.windowStart}`;
  const add = (c: Charge, sign: 1 | -1) => {
    const { budget, subject, windowStart } = c;
    const { calls, amount } = rows.get(keyOf(c)) ?? { calls: 0, amount: 0 };
    const next = { calls: calls + sign, amount: amount + sign * c.amount };
    rows.set(keyOf(c), { budget, subject, windowStart, ...next });
  };
  const ledger: TestLedger = {
    down: false,
    queries: [],
    rows: () => [...rows.values()],
    async reserve(charges) {
      if (ledger.down) throw new StorageUnavailable('down');
      const over = charges.find((c) => {
        const { calls, amount } = rows.get(keyOf(c)) ?? { calls: 0, amount: 0 };
        return calls + 1 > (c.maxCalls ?? Infinity) || amount + c.amount > (c.maxAmount ?? Infinity);
      });
      if (over !== undefined) return { kind: 'exceeded', charge: over };
      for (const c of charges) add(c, 1);
      return { kind: 'reserved' };
    },
    async release(charges) {
      if (ledger.down) throw new StorageUnavailable('down');
      for (const c of charges) add(c, -1);
    },
    spent: async () => [...rows.values()],
    async usage(query) {
      ledger.queries.push(query);
      const line = { calls: 2, completed: 1, failed: 0, open: 1 };
      return { lines: ['pay', 'look'].map((subject) => ({ subject, ...line })), complete: true };
    },
    prune: async () => 0,
  };
  return ledger;
}
