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
  /** Whether writes would be durable now; `why` says what is wrong in one sentence. */
  check(): Promise<{ ok: true } | { ok: false; why: string }>;
  /** The secret of this instance (32 random bytes, hex), made on first use and kept: downstream keys are derived from it. */
  instanceSecret(): Promise<string>;
  close(): Promise<void>;
}
