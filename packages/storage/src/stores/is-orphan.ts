import { sql, type RawBuilder, type SqlBool } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';

/**
 * Whether nobody may act for a row any more: its owner is not registered, or its lease is over on the clock of the store. One
 * definition for whoever takes such rows over and for whoever only has to know that what they had sent is in doubt.
 * @param owner the column that names the owner, with the name of its table where that is needed
 */
export function isOrphan({ tables, now }: Dialect, owner: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`not exists (select 1 from ${sql.table(tables.incarnations)} as i where i.id = ${sql.ref(owner)} and i.lease_until > ${now()})`;
}
