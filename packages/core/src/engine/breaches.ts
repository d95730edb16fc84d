import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import type { SettlementRecord } from '../domain/settlement/settlement-record.js';
import type { EngineDeps } from './deps.js';
import { announceSettlement } from './settlement/announce-settlement.js';

export interface Breach {
  /** The same breach, found twice, is told once. */
  readonly id: string;
  readonly detail: string;
}

/** Who tells of a breach: no provider can have this name, because slugs have no capital letters. */
const TOLD_BY = 'INVOKE';

/**
 * A tool, or the way to it, has done what its card excludes: it acted after its settle time, or more than once. What is
 * recorded stays as it is; the breach is kept beside it, shown with the execution, sent to those who listen, and logged.
 */
export async function raiseBreach(
  execution: ExecutionRecord,
  { id, detail }: Breach,
  deps: EngineDeps,
): Promise<void> {
  const settlement: SettlementRecord = {
    tenant: execution.tenant,
    provider: TOLD_BY,
    eventId: id,
    executionId: execution.id,
    tool: execution.tool,
    verdict: 'applied',
    contradiction: true,
    detail,
    receivedAt: deps.clock.now(),
    open: false,
  };
  const messages = announceSettlement('execution.contract_broken', { execution, settlement }, deps);
  const recorded = await deps.store.settlements.record(settlement, null, messages);
  if (recorded.kind === 'seen') return;
  deps.log.error('contract_broken', { execution_id: execution.id, tool: execution.tool, why: detail });
}
