import type { BudgetSpent, Charge, EpochMs } from '@invoke/core/domain';
import type { Reserved, UsageStore } from '@invoke/core/ports';
import { sql } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { countUsage } from './usage-lines.js';
import { writeToken } from './write-token.js';

/** Amounts are doubles on both databases and are added up as JavaScript does: what JSON can say is kept as it is. */
export function createUsageStore(dialect: Dialect): UsageStore {
  return {
    reserve(charges) {
      const reservation = { charges: inOrder(charges), token: writeToken() };
      const keeps = ({ kind }: Reserved) => kind === 'reserved';
      return dialect.write((again) => reserve(dialect, reservation, again), { keeps });
    },
    release: (charges) => dialect.write((again) => release(dialect, inOrder(charges), again)),
    spent: (tenant, now) => dialect.read(() => spent(dialect, tenant, now)),
    usage: (query) => dialect.read(() => countUsage(dialect, query)),
    prune: (endedBefore, limit) => dialect.write(() => prune(dialect, endedBefore, limit)),
  };
}

/** Everybody takes the rows in this order, so that nobody waits for somebody who waits for them. */
function inOrder(charges: readonly Charge[]): readonly Charge[] {
  const keyOf = (c: Charge) =>
    [c.tenant, c.budget, c.subject, String(c.windowStart).padStart(16, '0')].join('\u0000');
  const keyed = charges.map((charge) => ({ charge, key: keyOf(charge) }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))).map(({ charge }) => charge);
}

interface Reservation {
  readonly charges: readonly Charge[];
  readonly token: string;
}

/** Has to be taken back when one of them is exceeded: those before it are charged already. */
function* reserve(dialect: Dialect, { charges, token }: Reservation, again: boolean): Script<Reserved> {
  // Where somebody else was charged since, it cannot be told, and is charged once more: never too little.
  if (again && (yield* isCharged(dialect, charges, token))) return { kind: 'reserved' };
  for (const charge of charges) {
    const { maxCalls, maxAmount, amount } = charge;
    const isTooMuch = 1 > (maxCalls ?? Infinity) || amount > (maxAmount ?? Infinity);
    if (isTooMuch || !(yield* addCharge(dialect, charge, token))) return { kind: 'exceeded', charge };
  }
  return { kind: 'reserved' };
}

/** The limits stand in the statement that adds: it sees the row as the last one before it has left it. */
function* addCharge({ build, tables }: Dialect, charge: Charge, token: string): Script<boolean> {
  const { tenant, budget, subject, windowStart, windowEnd, amount, maxCalls, maxAmount } = charge;
  const t = tables.budget_use;
  const calls = sql<number>`${sql.ref(`${t}.calls`)} + 1`;
  const sum = sql<number>`${sql.ref(`${t}.amount`)} + ${sql.ref('excluded.amount')}`;
  const limits = [
    ...(maxCalls === null ? [] : [sql<boolean>`${calls} <= ${maxCalls}`]),
    ...(maxAmount === null ? [] : [sql<boolean>`${sum} <= ${maxAmount}`]),
  ];
  const rows = yield* ask(
    build
      .insertInto(t)
      .values({
        tenant,
        budget,
        subject,
        calls: 1,
        amount,
        token,
        window_start: windowStart,
        window_end: windowEnd,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['tenant', 'budget', 'subject', 'window_start'])
          .doUpdateSet({ calls, amount: sum, token })
          .where(({ and }) => and(limits)),
      )
      .returning('tenant'),
  );
  return rows.length > 0;
}

function* isCharged(dialect: Dialect, charges: readonly Charge[], token: string): Script<boolean> {
  for (const charge of charges) {
    const rows = yield* ask(rowOf(dialect, charge).where('token', '=', token));
    if (rows.length > 0) return true;
  }
  return false;
}

function rowOf({ build, tables }: Dialect, { tenant, budget, subject, windowStart }: Charge) {
  return build
    .selectFrom(tables.budget_use)
    .select('tenant')
    .where('tenant', '=', tenant)
    .where('budget', '=', budget)
    .where('subject', '=', subject)
    .where('window_start', '=', windowStart);
}

/** What may have been given back before is not given back again: too little is spent then, never too much. */
function* release({ build, tables }: Dialect, charges: readonly Charge[], again: boolean): Script<void> {
  if (again) return;
  for (const { tenant, budget, subject, windowStart, amount } of charges) {
    yield* ask(
      build
        .updateTable(tables.budget_use)
        .set({
          calls: sql<number>`calls - 1`,
          // The last one leaves nothing behind, whatever rounding has done.
          amount: sql<number>`case when calls > 1 and amount > ${amount} then amount - ${amount} else 0 end`,
        })
        .where('tenant', '=', tenant)
        .where('budget', '=', budget)
        .where('subject', '=', subject)
        .where('window_start', '=', windowStart)
        .where('calls', '>', 0),
    );
  }
}

function* spent({ build, tables }: Dialect, tenant: string, now: EpochMs): Script<readonly BudgetSpent[]> {
  const rows = yield* ask(
    build
      .selectFrom(tables.budget_use)
      .select(['budget', 'subject', 'window_start', 'calls', 'amount'])
      .where('tenant', '=', tenant)
      .where('window_end', '>', now)
      .orderBy('budget')
      .orderBy('subject')
      .orderBy('window_start'),
  );
  return rows.map(({ window_start, ...row }) => ({ ...row, windowStart: window_start as EpochMs }));
}

function* prune(dialect: Dialect, endedBefore: EpochMs, limit: number): Script<number> {
  const { build, tables } = dialect;
  const key = ['tenant', 'budget', 'subject', 'window_start'] as const;
  const old = yield* ask(
    build
      .selectFrom(tables.budget_use)
      .select(key)
      .where('window_end', '<', endedBefore)
      .orderBy('window_end')
      .orderBy('tenant')
      .orderBy('budget')
      .orderBy('subject')
      .orderBy('window_start')
      .limit(limit),
  );
  let dropped = 0;
  for (const row of old) {
    let drop = build.deleteFrom(tables.budget_use).where('window_end', '<', endedBefore).returning('tenant');
    for (const column of key) drop = drop.where(column, '=', row[column]);
    dropped += (yield* ask(drop)).length;
  }
  return dropped;
}
