export type { AddressGuard } from './address-guard.js';
export type { Clock } from './clock.js';
export type { Digest } from './digest.js';
export type {
  ClaimResult,
  ExecutionQuery,
  ExecutionStore,
  Foresight,
  Pruning,
  Recalled,
  Reinstated,
  Tombstone,
  Transition,
  TransitionResult,
  Version,
} from './execution-store.js';
export type { HistoryReport, HistoryStore } from './history-store.js';
export type { Ids } from './ids.js';
export type { Incarnation, IncarnationStore } from './incarnation-store.js';
export type { KeyRing } from './key-ring.js';
export type { Log } from './log.js';
export type { RegistrySnapshot, RegistryStore, StoredKey } from './registry-store.js';
export type { CompiledSchema, ParamsValidator, SchemaCompiler } from './schema-compiler.js';
export { StorageUnavailable } from './store.js';
export type { Store, StoreCheck } from './store.js';
export type { ToolCall, ToolInvoker } from './tool-invoker.js';
export type { SearchFound, SearchHit, SearchProvider } from './search-provider.js';
export type { TraceQuery, TraceStore } from './trace-store.js';
export type { ApprovalMove, ApprovalQuery, ApprovalStore, DecideResult } from './approval-store.js';
export { OUTBOX_CHANNELS } from './outbox-store.js';
export type {
  Delivery,
  NoticeChannel,
  OutboxChannel,
  OutboxMessage,
  OutboxStore,
  TakenMessage,
} from './outbox-store.js';
export type { SettlementKey, SettlementStore } from './settlement-store.js';
export type { Reserved, UsageQuery, UsageStore } from './usage-store.js';
export type { MessageSender, SendResult } from './message-sender.js';
