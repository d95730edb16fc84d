import type { Dialect } from '../dialect/dialect.js';
import type { TableNames } from '../tables.js';

/**
 * One step of the schema, forward only. A released migration is never changed: the next one mends it. Every statement can
 * be run twice (`if not exists`), because supabase/schema.sql carries the same statements.
 */
export interface Migration {
  readonly version: number;
  readonly name: string;
  /** Programs that know only earlier versions cannot work on it. What only adds does not break: old and new run side by side. */
  readonly breaks?: boolean;
  readonly statements: (tables: TableNames, words: Dialect['ddl']) => readonly string[];
}
