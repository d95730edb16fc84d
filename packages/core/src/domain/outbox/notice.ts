/** What people are told, ready to be laid out. The values come from calls and are not to be trusted. */
export interface Notice {
  /** Fixed words. */
  readonly title: string;
  /** The id of what it is about. */
  readonly subjectId: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** JSON text, redacted; null where there is nothing to show. */
  readonly params: string | null;
  /** Where it can be read and, by somebody who is logged in, decided. Opening it decides nothing. */
  readonly url: string | null;
  readonly command: string;
}
