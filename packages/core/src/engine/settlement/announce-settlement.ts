import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { toMessages } from '../../domain/outbox/to-messages.js';
import type { SettlementRecord } from '../../domain/settlement/settlement-record.js';
import type { OutboxMessage } from '../../ports/outbox-store.js';
import type { EngineDeps } from '../deps.js';

/**
 * The messages that tell what an event has led to. Their ids follow from the event's, so that two gateways that find out the
 * same thing tell it once.
 */
export function announceSettlement(
  event: 'execution.settled' | 'execution.contradicted' | 'execution.contract_broken',
  { execution, settlement }: { readonly execution: ExecutionRecord; readonly settlement: SettlementRecord },
  { channels, clock, digest, publicUrl }: EngineDeps,
): readonly OutboxMessage[] {
  const { tenant, provider, eventId } = settlement;
  let n = 0;
  const ids = () => {
    n += 1;
    return `msg_${digest.sha256(JSON.stringify([event, tenant, provider, eventId, n])).slice(0, 32)}`;
  };
  return toMessages({ event, execution, ids, channels, publicUrl, now: clock.now(), sensitive: null });
}
