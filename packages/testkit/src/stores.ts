export { createMemoryStore } from './memory-store/memory-store.js';
export type { MemoryStoreOptions } from './memory-store/memory-store-options.js';
export {
  approval,
  approvalPage,
  charge,
  decided,
  message,
  policy,
  settlement,
  workflow,
} from './conformance/store/control-records.js';
export {
  EMPTY_JOURNAL,
  execution,
  incarnation,
  move,
  NOW,
  page,
  provider,
  tool,
  trace,
  tracePage,
} from './conformance/store/records.js';
export { freePort } from './postgres/free-port.js';
export { useExisting } from './postgres/existing-server.js';
export { startPostgres } from './postgres/start-postgres.js';
export type { PostgresControl, TestPostgres } from './postgres/test-postgres.js';
export { hasPgbouncer, startPgbouncer } from './postgres/pgbouncer.js';
export { startTransactionPooler } from './postgres/transaction-pooler.js';
export type { TransactionPooler } from './postgres/transaction-pooler.js';
