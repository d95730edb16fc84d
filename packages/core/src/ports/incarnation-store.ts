import type { DurationMs } from '../domain/time.js';

export interface Incarnation {
  /** New at every start of a gateway. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
}

/** Who is alive, on the store's own clock. */
export interface IncarnationStore {
  /** Registers this incarnation with a lease. On SQLite, where one process owns the file, all others end here. */
  enlist(incarnation: Incarnation, lease: DurationMs): Promise<void>;
  /** Extends the lease. False: it was already over, and this incarnation must send nothing more. */
  renew(id: string, lease: DurationMs): Promise<boolean>;
  /** Ends the lease at once, so that others may take over without waiting. */
  retire(id: string): Promise<void>;
}
