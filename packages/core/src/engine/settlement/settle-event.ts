import type { SettlementAnswer } from '@invoke/contract';
import { decideSettlement, type SettlementDecision } from '../../domain/settlement/decide-settlement.js';
import type { SettlementRecord } from '../../domain/settlement/settlement-record.js';
import { toSettlementFacts } from '../../domain/settlement/to-settlement-facts.js';
import type { ProviderRecord } from '../../domain/tool/tool-definition.js';
import { StorageUnavailable } from '../../ports/store.js';
import type { EngineDeps } from '../deps.js';
import { announceSettlement } from './announce-settlement.js';
import { findSubject, type Subject } from './find-subject.js';
import { keepEvent, type Keeping } from './keep-event.js';
import { settleKept } from './settle-kept.js';
import { toSettled } from './to-settled.js';

/** An event of a provider, whose signature has been verified. */
export interface ProviderEvent {
  readonly provider: ProviderRecord;
  /** The provider's id of the event (webhook-id). */
  readonly id: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export type EventOutcome = Omit<SettlementAnswer, 'success'>;

/** Others write to the same row at the same time; in each round one of them has made progress. */
const ROUNDS = 10;

/**
 * Takes an event of a provider: keeps it, and carries out what it leads to. A second delivery changes nothing. Throws
 * StorageUnavailable when it could not be kept; then the provider delivers it again.
 */
export async function settleEvent(event: ProviderEvent, deps: EngineDeps): Promise<EventOutcome> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const subject = await findSubject(event.provider, event.payload, deps);
    const decision = subject === null ? NO_CALL_OF_OURS : decideAbout(subject);
    const keeping = toKeeping(event, { subject, decision }, deps);
    const kept = await keepEvent(keeping, deps);
    if (kept === 'lost') continue;
    if (subject !== null && (kept === 'seen' || decision.kind === 'keep')) {
      await settleKept(subject.record, deps);
    }
    return {
      status: kept === 'seen' ? 'duplicate' : STATUS[decision.kind],
      execution_id: subject?.record.id ?? null,
      detail: keeping.settlement.detail,
    };
  }
  throw new StorageUnavailable('the execution changed faster than the event could be taken');
}

const STATUS: Readonly<Record<SettlementDecision['kind'], EventOutcome['status']>> = {
  settle: 'settled',
  confirm: 'confirmed',
  contradict: 'replan_required',
  keep: 'kept',
  ignore: 'ignored',
};

const NO_CALL_OF_OURS: SettlementDecision = {
  kind: 'ignore',
  why: 'the event names no call of a tool of this provider',
};

function decideAbout({ record, tool, verdict }: Subject): SettlementDecision {
  return decideSettlement(toSettlementFacts(record, tool, verdict));
}

interface Judged {
  readonly subject: Subject | null;
  readonly decision: SettlementDecision;
}

function toKeeping(
  { provider, id, payload }: ProviderEvent,
  { subject, decision }: Judged,
  deps: EngineDeps,
): Keeping {
  const said = subject === null ? [] : [subject.detail];
  const settlement: SettlementRecord = {
    tenant: provider.tenant,
    provider: provider.slug,
    eventId: id,
    executionId: subject?.record.id ?? null,
    tool: subject?.tool ?? null,
    verdict: subject?.verdict ?? 'unclear',
    contradiction: decision.kind === 'contradict',
    detail: [...said, ...(decision.kind === 'ignore' ? [decision.why] : [])].join('; '),
    receivedAt: deps.clock.now(),
    open: decision.kind === 'keep',
  };
  if (subject === null) return { settlement, step: null, messages: [] };
  const from = subject.record;
  if (decision.kind === 'settle') {
    const to = toSettled(from, { as: decision.as, settlement, payload: JSON.stringify(payload) }, deps);
    const messages = announceSettlement('execution.settled', { execution: to, settlement }, deps);
    return { settlement, step: { from, to }, messages };
  }
  const contradicts = decision.kind === 'contradict';
  const about = { execution: from, settlement };
  const messages = contradicts ? announceSettlement('execution.contradicted', about, deps) : [];
  return { settlement, step: null, messages };
}
