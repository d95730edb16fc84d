/** A value that SQLite stores. */
export type Value = string | number | null;

/** What a writer thread is opened with. */
export interface WriterSettings {
  readonly file: string;
  /** Run in this order; each must afterwards read back as it says. */
  readonly pragmas: readonly { readonly setting: string; readonly value: string; readonly expected: Value }[];
  /** One word, on which the thread sleeps; it is counted up with every turn that the thread gets. */
  readonly turn: Int32Array<SharedArrayBuffer>;
}

/**
 * Where a group of writes lies, for both threads: a message would be copied twice, at a twentieth of what a call costs the
 * main thread. Only who has the turn touches it: the main thread fills it, gives the turn away, and has it back with the answer.
 */
export interface SharedGroup {
  readonly control: Int32Array<SharedArrayBuffer>;
  /** Per statement its id, then for each of its values the length of its text or one of `MARKS`. */
  readonly ints: Int32Array<SharedArrayBuffer>;
  /** The numbers among the values, one after the other. */
  readonly numbers: Float64Array<SharedArrayBuffer>;
  /** The texts among the values, one after the other, in UTF-8. */
  readonly bytes: Uint8Array<SharedArrayBuffer>;
}

/** The words of `control`: how many statements there are, and how many bytes of text. */
export const CONTROL = { statements: 0, bytes: 1, size: 2 } as const;

/** Marks among the lengths: null, and the next one of the numbers. Lengths are in units of UTF-16, as in `string`. */
export const MARKS = { null: -1, number: -2 } as const;

/** What the thread is told beside the group, before its turn. */
export type WriterMessage =
  | { readonly kind: 'group'; readonly group: SharedGroup }
  | { readonly kind: 'texts'; readonly texts: readonly StatementText[] }
  | { readonly kind: 'close' };

/** A statement that the thread does not know yet. */
export interface StatementText {
  readonly id: number;
  readonly sql: string;
  readonly parameters: number;
}

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
