/** A value that SQLite stores. */
export type Value = string | number | null;

/** What a writer thread is opened with. */
export interface WriterSettings {
  readonly file: string;
  /** Run in this order; each must afterwards read back as it says. */
  readonly pragmas: readonly { readonly setting: string; readonly value: string; readonly expected: Value }[];
}

/** Statements to run in one transaction. `texts` names those that the thread does not know yet. */
export interface WriteBatch {
  readonly texts: readonly { readonly id: number; readonly sql: string; readonly parameters: number }[];
  readonly statements: readonly number[];
  readonly values: PackedValues;
}

/**
 * The parameters of all statements, one after the other, packed: a message of three parts is copied at a fifth of the cost of
 * one with thousands.
 */
export interface PackedValues {
  /** All texts, one after the other. */
  readonly text: string;
  /** Per value the length of its text, or one of the marks below. */
  readonly lengths: Int32Array;
  readonly numbers: Float64Array;
}

/** Marks among the lengths: null, and the next one of the numbers. */
export const PACKED = { null: -1, number: -2 } as const;

export interface WriteError {
  readonly code: string;
  readonly message: string;
}

/**
 * - `committed`: durable; per statement how many rows it changed, or why it failed alone.
 * - `failed`: the transaction could not be begun or committed; nothing of it is there.
 * - `undone`: one statement took the whole transaction with it; nothing of it is there, and each may be tried alone.
 */
export type WriteAnswer =
  | { readonly kind: 'committed'; readonly changes: readonly (number | WriteError)[] }
  | { readonly kind: 'failed' | 'undone'; readonly error: WriteError };
