import type { EpochMs, KeyRecord } from '@invoke/core/domain';
import type { StoredKey } from '@invoke/core/ports';
import { sql } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';
import { nextRevision } from './revision.js';

type Saved = { readonly kind: 'saved' } | { readonly kind: 'lost' };

/** `again`: an earlier run may have been committed; then what is stored is this very record. */
export function* saveKey(dialect: Dialect, key: KeyRecord, again: boolean): Script<Saved> {
  const record = JSON.stringify(key);
  const saved = key.version === 1 ? yield* insert(dialect, key, record) : yield* update(dialect, key, record);
  if (saved) {
    yield* nextRevision(dialect);
    return { kind: 'saved' };
  }
  return { kind: again && (yield* isStored(dialect, key.id, record)) ? 'saved' : 'lost' };
}

function* insert({ build, tables }: Dialect, key: KeyRecord, record: string): Script<boolean> {
  const { id, tenant, version } = key;
  const rows = yield* ask(
    build
      .insertInto(tables.api_keys)
      .values({ id, tenant, version, revoked: revokedOf(key), last_used_at: null, record })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning('id'),
  );
  return rows.length > 0;
}

function* update({ build, tables }: Dialect, key: KeyRecord, record: string): Script<boolean> {
  const { id, tenant, version } = key;
  const rows = yield* ask(
    build
      .updateTable(tables.api_keys)
      .set({ version, revoked: revokedOf(key), record })
      .where('id', '=', id)
      .where('tenant', '=', tenant)
      .where('version', '=', version - 1)
      .returning('id'),
  );
  return rows.length > 0;
}

function* isStored({ build, tables }: Dialect, id: string, record: string): Script<boolean> {
  const rows = yield* ask(build.selectFrom(tables.api_keys).select('record').where('id', '=', id));
  return rows[0]?.record === record;
}

export function* liveKeys({ build, tables }: Dialect): Script<readonly KeyRecord[]> {
  const rows = yield* ask(
    build.selectFrom(tables.api_keys).select('record').where('revoked', '=', sql.lit(0)).orderBy('id'),
  );
  return rows.map(({ record }) => JSON.parse(record) as KeyRecord);
}

export function* listKeys(
  { build, tables }: Dialect,
  tenant: string,
  limit: number,
): Script<readonly StoredKey[]> {
  const rows = yield* ask(
    build
      .selectFrom(tables.api_keys)
      .select(['record', 'last_used_at'])
      .where('tenant', '=', tenant)
      .orderBy('id', 'desc')
      .limit(limit),
  );
  return rows.map(toStoredKey);
}

export function* findKey({ build, tables }: Dialect, tenant: string, id: string): Script<StoredKey | null> {
  const rows = yield* ask(
    build
      .selectFrom(tables.api_keys)
      .select(['record', 'last_used_at'])
      .where('tenant', '=', tenant)
      .where('id', '=', id),
  );
  return rows.map(toStoredKey)[0] ?? null;
}

/** In the order of their ids, so that two gateways that tell of the same keys never wait for each other. */
export function* touchKeys(
  { build, tables }: Dialect,
  uses: readonly { readonly id: string; readonly at: EpochMs }[],
): Script<void> {
  for (const { id, at } of uses.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    yield* ask(
      build
        .updateTable(tables.api_keys)
        .set({ last_used_at: at })
        .where('id', '=', id)
        .where(({ eb, or }) => or([eb('last_used_at', 'is', null), eb('last_used_at', '<', at)])),
    );
  }
}

function revokedOf({ revokedAt }: KeyRecord): number {
  return revokedAt === null ? 0 : 1;
}

function toStoredKey(row: { readonly record: string; readonly last_used_at: number | null }): StoredKey {
  return { record: JSON.parse(row.record) as KeyRecord, lastUsedAt: row.last_used_at as EpochMs | null };
}
