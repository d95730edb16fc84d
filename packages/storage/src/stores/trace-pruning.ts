import type { EpochMs } from '@invoke/core/domain';
import { sql, type RawBuilder } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';

/** Of more tenants than this, some have to wait for the next batch. */
const MOST_TENANTS = 100;

/**
 * Their ids order by time within a tenant, and there is no index over all: an index more would cost every call a page. So
 * the tenants are found first, by skipping from one to the next in the key.
 */
export function* pruneTraces(dialect: Dialect, before: EpochMs, limit: number): Script<number> {
  const { build, tables } = dialect;
  const cut = firstIdAt(before);
  let dropped = 0;
  for (const tenant of yield* tenantsWithOld(dialect, cut)) {
    if (dropped >= limit) break;
    const old = build
      .selectFrom(tables.traces)
      .select('trace_id')
      .where('tenant', '=', tenant)
      .where('trace_id', '<', cut)
      .orderBy('trace_id')
      .limit(limit - dropped);
    const rows = yield* ask(
      build
        .deleteFrom(tables.traces)
        .where('tenant', '=', tenant)
        .where('trace_id', 'in', old)
        .returning('trace_id'),
    );
    dropped += rows.length;
  }
  return dropped;
}

function* tenantsWithOld({ build, tables }: Dialect, cut: string): Script<readonly string[]> {
  const traces = sql.table(tables.traces);
  const next = (after: RawBuilder<unknown>) =>
    sql`(select min(t.tenant) from ${traces} t where t.tenant > ${after})`;
  const query = sql<{ tenant: string }>`with recursive tenants(tenant) as (
    select min(tenant) from ${traces}
    union all
    select ${next(sql`tenants.tenant`)} from tenants where tenants.tenant is not null
  )
  select tenant from tenants
  where tenant is not null
    and (select min(t.trace_id) from ${traces} t where t.tenant = tenants.tenant) < ${cut}
  order by tenant limit ${sql.lit(MOST_TENANTS)}`.compile(build);
  const rows = (yield query) as readonly { readonly tenant: string }[];
  return rows.map(({ tenant }) => tenant);
}

/** A UUIDv7 begins with its time: 48 bits of milliseconds. */
function firstIdAt(at: EpochMs): string {
  return `trace_${Math.max(0, at).toString(16).padStart(12, '0')}`;
}
