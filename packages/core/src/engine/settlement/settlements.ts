import type { SettlementView } from '@invoke/contract';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { toSettlementView } from '../../domain/settlement/to-settlement-view.js';
import type { ProviderRecord } from '../../domain/tool/tool-definition.js';
import type { EngineDeps } from '../deps.js';
import type { Toolbox } from '../toolbox.js';
import { settleEvent, type EventOutcome, type ProviderEvent } from './settle-event.js';

/** Settlement from outside: what providers tell of calls. */
export interface Settlements {
  /** The providers of this name, of any tenant: whose secret has signed an event says which of them it comes from. */
  providersNamed(slug: string): readonly ProviderRecord[];
  /** Takes an event whose signature has been verified. Throws StorageUnavailable when it could not be kept. */
  settleEvent(event: ProviderEvent): Promise<EventOutcome>;
  /** What was told of an execution, oldest first. */
  settlementsOf(record: ExecutionRecord): Promise<readonly SettlementView[]>;
}

export function createSettlements(deps: EngineDeps, toolbox: Toolbox): Settlements {
  return {
    providersNamed: (slug) => toolbox.providersNamed(slug),
    settleEvent: (event) => settleEvent(event, deps),
    async settlementsOf(record) {
      const kept = await deps.store.settlements.ofExecution(record.tenant, record.id);
      return kept.map((settlement) => toSettlementView(settlement, record));
    },
  };
}
