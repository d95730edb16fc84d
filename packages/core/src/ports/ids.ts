/** Identifiers, injected. Times in them only order; they carry at least 96 random bits together with their time. */
export interface Ids {
  execution(): string;
  trace(): string;
  provider(): string;
  approval(): string;
  message(): string;
  key(): string;
  /** Names one write or one incarnation. */
  token(): string;
}
