import type { Log, Store } from '@invoke/core/ports';
import type { Dialect } from '../dialect/dialect.js';
import { migrate } from '../migrations/migrate.js';
import { createApprovalStore } from './approval-store.js';
import { createExecutionStore } from './execution-store.js';
import { createHistoryStore } from './history-store.js';
import { createIncarnationStore } from './incarnation-store.js';
import { createOutboxStore } from './outbox-store.js';
import { createRegistryStore } from './registry-store.js';
import { createSettlementStore } from './settlement-store.js';
import { instanceSecret, probeWrite } from './settings.js';
import { readStoredKeys, type StoredKeys } from './stored-keys.js';
import { createTraceStore, type QueuedTraceStore } from './trace-store.js';
import { createUsageStore } from './usage-store.js';

/** A Store on a database; `traces.dropped` counts the traces that could not be kept. */
export interface DatabaseStore extends Store {
  readonly traces: QueuedTraceStore;
}

/**
 * Brings the schema up to date and puts the stores on it; closes the database if that fails.
 * Errors: throws when the schema is newer than this program; StorageUnavailable when the database does not answer.
 */
export async function openStore(dialect: Dialect, log?: Log): Promise<DatabaseStore> {
  let keys: StoredKeys | null = null;
  try {
    await migrate(dialect);
    if (dialect.soleOwner) keys = await readStoredKeys(dialect);
  } catch (error) {
    await dialect.close();
    throw error;
  }
  const traces = createTraceStore(dialect, log);
  let secret: Promise<string> | null = null;
  const executions = createExecutionStore(dialect, keys?.filter);
  return {
    executions,
    incarnations: createIncarnationStore(dialect),
    registry: createRegistryStore(dialect),
    traces,
    approvals: createApprovalStore(dialect, executions, keys?.filter),
    outbox: createOutboxStore(dialect),
    settlements: createSettlementStore(dialect),
    usage: createUsageStore(dialect),
    history: createHistoryStore(dialect),
    async check() {
      try {
        const why = await dialect.flaw();
        if (why !== null) return { ok: false, kind: 'flawed', why };
        await dialect.write(() => probeWrite(dialect));
        return { ok: true };
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return { ok: false, kind: 'failed', why };
      }
    },
    async instanceSecret() {
      secret ??= dialect.write(() => instanceSecret(dialect));
      try {
        return await secret;
      } catch (error) {
        secret = null;
        throw error;
      }
    },
    async close() {
      keys?.stop();
      await traces.flush();
      await dialect.close();
    },
  };
}
