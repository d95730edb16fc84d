import type { ApprovalStore } from './approval-store.js';
import type { ExecutionStore } from './execution-store.js';
import type { HistoryStore } from './history-store.js';
import type { IncarnationStore } from './incarnation-store.js';
import type { OutboxStore } from './outbox-store.js';
import type { RegistryStore } from './registry-store.js';
import type { SettlementStore } from './settlement-store.js';
import type { TraceStore } from './trace-store.js';
import type { UsageStore } from './usage-store.js';

/** Thrown by stores: the statement was not acknowledged. Nothing that depends on it may go on. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable';
}

/**
 * `flawed`: it answers, and would not keep what it acknowledges; `why` says so in a sentence that anybody may read, and what to
 * do. `failed`: `why` is what came from below, and is for the log.
 */
export type StoreCheck =
  { readonly ok: true } | { readonly ok: false; readonly kind: 'flawed' | 'failed'; readonly why: string };

/** Everything that is kept. Implementations: @invoke/storage/sqlite and /postgres; in memory in the testkit. */
export interface Store {
  readonly executions: ExecutionStore;
  readonly incarnations: IncarnationStore;
  readonly registry: RegistryStore;
  readonly traces: TraceStore;
  readonly approvals: ApprovalStore;
  readonly outbox: OutboxStore;
  readonly settlements: SettlementStore;
  readonly usage: UsageStore;
  readonly history: HistoryStore;
  /** Whether writes would be durable now. */
  check(): Promise<StoreCheck>;
  /** The secret of this instance (32 random bytes, hex), made on first use and kept: downstream keys are derived from it. */
  instanceSecret(): Promise<string>;
  close(): Promise<void>;
}
