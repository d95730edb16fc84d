import { chargesToGiveBack } from '../../domain/budget/charges-to-give-back.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { decideKept, isJudged } from '../../domain/settlement/decide-kept.js';
import type { SettlementRecord } from '../../domain/settlement/settlement-record.js';
import { StorageUnavailable } from '../../ports/store.js';
import { release } from '../budgets/release.js';
import type { EngineDeps } from '../deps.js';
import { carryOut } from '../run.js';
import { announceSettlement } from './announce-settlement.js';
import { toSettled } from './to-settled.js';

/**
 * Judges again what was kept while the call was under way. Whoever keeps such an event and whoever ends such a call both do
 * this after their own write, so that at least one of them sees what the other wrote. Doing it twice changes nothing.
 */
export async function settleKept(
  { tenant, id }: Pick<ExecutionRecord, 'tenant' | 'id'>,
  deps: EngineDeps,
): Promise<void> {
  for (const settlement of await deps.store.settlements.ofExecution(tenant, id)) {
    const record = await deps.store.executions.find(tenant, id);
    if (record === null) return;
    await judgeAgain(settlement, record, deps);
  }
}

/**
 * Judges what gateways have left that ended a call and stopped before they could: nobody else would tell of a contradiction, or
 * take the word of the provider where people are asked. Returns how many executions that were.
 */
export async function settleLeftOpen(deps: EngineDeps): Promise<number> {
  const left = await deps.store.settlements.leftOpen(BATCH);
  for (const execution of left) await settleOne(execution, deps);
  return left.length;
}

/** One that cannot be judged is found first every time: the others are judged all the same. */
async function settleOne(execution: Pick<ExecutionRecord, 'tenant' | 'id'>, deps: EngineDeps): Promise<void> {
  try {
    await settleKept(execution, deps);
  } catch (error) {
    if (error instanceof StorageUnavailable) throw error;
    deps.log.error('kept_events_not_judged', { execution_id: execution.id, error: String(error) });
  }
}

const BATCH = 50;

async function judgeAgain(
  settlement: SettlementRecord,
  record: ExecutionRecord,
  deps: EngineDeps,
): Promise<void> {
  const decision = decideKept(settlement, record);
  let state = record.state;
  if (decision.kind === 'settle') {
    const to = toSettled(record, { as: decision.as, settlement, payload: null }, deps);
    const messages = announceSettlement('execution.settled', { execution: to, settlement }, deps);
    const moved = await carryOut({ from: record, to, review: null, messages }, deps);
    /* Lost: whoever was first has settled it, or drives it and judges again when it ends. */
    if (moved.kind !== 'moved') return;
    await release(chargesToGiveBack(to), deps);
    state = to.state;
  }
  const contradicts = decision.kind === 'contradict' && !settlement.contradiction;
  const about = { execution: record, settlement };
  const messages = contradicts ? announceSettlement('execution.contradicted', about, deps) : [];
  const closes = settlement.open && isJudged(state);
  if (closes || messages.length > 0) await deps.store.settlements.close(settlement, messages);
}
