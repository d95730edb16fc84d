import type { AliasedRawBuilder, Compilable, CompiledQuery, Kysely, RawBuilder } from 'kysely';
import type { TableNames, Tables } from '../tables.js';
import type { Script } from './script.js';

/** The items of a batch, as a query sees them. */
export interface BatchSource<Item extends object> {
  /** A column of the item at hand. */
  value<Column extends keyof Item & string>(column: Column): RawBuilder<Item[Column]>;
  /** All columns, in the order of `BatchQuery.columns`: what an insert takes. */
  readonly all: RawBuilder<Item>;
  /**
   * True where a statement takes many items: then `table` is added to FROM, and a write returns its key. Elsewhere it takes
   * one, its values are bound directly, and a write is judged by the number of rows that it changed.
   */
  readonly many: boolean;
  readonly table: AliasedRawBuilder<Item, 's'>;
}

export interface BatchQuery<Item extends object, Row> {
  readonly columns: { readonly [Column in keyof Item & string]: 'text' | 'bigint' };
  /** Tells which row answers which item. */
  readonly key: keyof Item & keyof Row & string;
  readonly query: (source: BatchSource<Item>) => Compilable<unknown>;
  /** Writes only: which items are in the store after all, asked when the answer to a write was lost. */
  readonly written?: (source: BatchSource<Item>) => Compilable<unknown>;
}

/** Takes one item, shares a statement or a commit with others, and answers with its row; a write only with its key. */
export type Lane<Item, Row> = (item: Item) => Promise<Row | null>;

export interface WriteOptions<T> {
  /** How long it is repeated, and may take, in milliseconds. */
  readonly patienceMs?: number;
  /** Told the result: false takes back everything that the script has written. Kept where it is left out. */
  readonly keeps?: (result: T) => boolean;
}

/** What a database shows of its own past. */
export interface Past {
  readonly mayForget: boolean;
  /** Names it; within a transaction. */
  line(): Script<string>;
  /** Something beside the database knew of a past when it was named last. */
  hadPast(): boolean;
  /** What was looked at, and committed. */
  looked(line: string): void;
  watch(changed: () => void): void;
  resume(): void;
}

/** What differs between the databases; everything above it is written once. Rejections are StorageUnavailable. */
export interface Dialect {
  /** Builds queries; nothing is run through it. */
  readonly build: Kysely<Tables>;
  readonly tables: TableNames;
  /** One process owns the data: whoever enlists is alone. */
  readonly soleOwner: boolean;
  /** Milliseconds since 1970 on the clock of the store, read when the statement runs. */
  now(): RawBuilder<number>;
  hasTable(name: string): RawBuilder<number>;
  /** The words of migrations, and what runs before and after them. */
  readonly ddl: {
    readonly text: string;
    readonly int: string;
    readonly real: string;
    readonly serial: string;
    readonly tail: string;
    readonly addColumn: string;
    /** An update that touches a column of an index's condition writes that index anew, whatever it changes. */
    readonly rewritesByCondition: boolean;
  };
  readonly migrationLock: readonly CompiledQuery[];
  hardening(): readonly CompiledQuery[];
  lane<Item extends object, Row>(query: BatchQuery<Item, Row>): Lane<Item, Row>;
  read<T>(script: () => Script<T>): Promise<T>;
  /** One transaction; `again` says that an earlier run of it may have been committed. */
  write<T>(script: (again: boolean) => Script<T>, options?: WriteOptions<T>): Promise<T>;
  /** `hook` is told that a commit is about to be made, and may add to it. */
  beforeCommit(hook: () => void): void;
  readonly past: Past;
  /** Why writes would not be durable, in one sentence. */
  flaw(): Promise<string | null>;
  close(): Promise<void>;
}
