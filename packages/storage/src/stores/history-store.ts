import { decideHistory, epochMs, type HistoryMark, type HistoryRecord } from '@invoke/core/domain';
import type { HistoryReport, HistoryStore } from '@invoke/core/ports';
import { StorageUnavailable } from '@invoke/core/ports';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { writeToken } from './write-token.js';

const NAME = 'history';
/** Others look at the same time; what one of them has noted is read again. */
const TRIES = 5;
/** Whoever has not looked for this long is gone. */
const FORGET_AFTER_MS = 3_600_000;

/** How often each gateway has looked, and when it did last: a number that is smaller than it was tells that the past was cut. */
type Looks = Readonly<Record<string, { readonly n: number; readonly at: number }>>;

interface Stored extends HistoryRecord {
  readonly looks: Looks;
}

/** What is known of the past is kept in the database itself, for all gateways. */
export function createHistoryStore(dialect: Dialect): HistoryStore {
  const { past } = dialect;
  const me = writeToken();
  return {
    mayForget: past.mayForget,
    async look(seen) {
      const report = await dialect.write(() => look(dialect, me, seen));
      past.looked(report.mark.line);
      return report;
    },
    confirm: () => dialect.write(() => confirm(dialect)),
    watch: (changed) => past.watch(changed),
    resume: () => past.resume(),
  };
}

function* look(dialect: Dialect, me: string, seen: HistoryMark | null): Script<HistoryReport> {
  const { mayForget } = dialect.past;
  const line = yield* dialect.past.line();
  const hadPast = dialect.past.hadPast();
  for (let tries = 0; tries < TRIES; tries += 1) {
    const now = yield* readNow(dialect);
    const text = yield* readText(dialect);
    const record = text === null ? null : (JSON.parse(text) as Stored);
    const position = record?.looks[me]?.n ?? 0;
    const next = decideHistory({ now, mark: { line, position }, record, seen, hadPast, mayForget });
    const n = Math.max(position, seen?.position ?? 0) + 1;
    const looks = { ...living(record?.looks ?? {}, now), [me]: { n, at: now } };
    if (!(yield* replace(dialect, text, { ...next, looks }))) continue;
    return { mark: { line, position: n }, now, changedAt: next.changedAt, quarantined: next.quarantined };
  }
  throw new StorageUnavailable('What is known of the past of the database changes all the time.');
}

function living(looks: Looks, now: number): Looks {
  return Object.fromEntries(Object.entries(looks).filter(([, { at }]) => now - at < FORGET_AFTER_MS));
}

function* confirm(dialect: Dialect): Script<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const text = yield* readText(dialect);
    if (text === null) return;
    const record = JSON.parse(text) as Stored;
    if (!record.quarantined) return;
    const changedAt = yield* readNow(dialect);
    if (yield* replace(dialect, text, { ...record, quarantined: false, changedAt })) return;
  }
  throw new StorageUnavailable('What is known of the past of the database changes all the time.');
}

function* readNow({ build, now }: Dialect): Script<ReturnType<typeof epochMs>> {
  const rows = yield* ask(build.selectNoFrom(now().as('now')));
  return epochMs(rows[0]?.now ?? 0);
}

function* readText({ build, tables }: Dialect): Script<string | null> {
  const rows = yield* ask(build.selectFrom(tables.settings).select('value').where('name', '=', NAME));
  return rows[0]?.value ?? null;
}

/** False: somebody else was first. */
function* replace({ build, tables }: Dialect, before: string | null, record: Stored): Script<boolean> {
  const value = JSON.stringify(record);
  const rows =
    before === null
      ? yield* ask(
          build
            .insertInto(tables.settings)
            .values({ name: NAME, value })
            .onConflict((conflict) => conflict.column('name').doNothing())
            .returning('name'),
        )
      : yield* ask(
          build
            .updateTable(tables.settings)
            .set({ value })
            .where('name', '=', NAME)
            .where('value', '=', before)
            .returning('name'),
        );
  return rows.length > 0;
}
