import { EXECUTION_STATE } from '@invoke/contract';
import type { ApprovalRecord } from '../../domain/approval/approval-record.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { decideReinstatement } from '../../domain/history/decide-reinstatement.js';
import type { Store } from '../../ports/store.js';
import type { EngineDeps } from '../deps.js';
import type { Drivers } from '../drivers.js';
import { announceReinstated } from './announce-reinstated.js';
import type { Remembered } from './remembered.js';
import type { Acknowledged } from './verification-rounds.js';

export interface ReinstatePorts {
  /** Not the one that remembers: what is put back here is what is remembered. */
  readonly store: Store;
  readonly remembered: Remembered;
  readonly drivers: Drivers;
  readonly deps: EngineDeps;
}

/** Other gateways write as well: whoever finds another version looks again, this often. */
const TRIES = 3;

/** Everything that is remembered, as it is held against what the store has; what this gateway works on comes first. */
export function acknowledged(ports: ReinstatePorts): readonly Acknowledged[] {
  const { remembered, drivers, deps } = ports;
  const executions = remembered
    .executions()
    .toSorted((a, b) => Number(drivers.drives(b.id)) - Number(drivers.drives(a.id)));
  return [
    ...executions.map((record): Acknowledged => ({
      version: `${record.id} ${record.token}`,
      verify: () => reinstate(record, ports),
      giveUp(error) {
        const { id, state } = record;
        const about = { execution_id: id, state, became: 'not_known', error: String(error) };
        deps.log.error('acknowledged_write_lost', about);
      },
    })),
    ...remembered
      .approvals()
      .filter(({ state }) => state !== 'pending')
      .map((approval): Acknowledged => ({
        version: `${approval.id} ${approval.version}`,
        verify: () => redecide(approval, ports),
        giveUp(error) {
          const about = { approval_id: approval.id, became: 'not_known', error: String(error) };
          deps.log.error('acknowledged_decision_lost', about);
        },
      })),
  ];
}

/** A write to the executions that finds nothing to change. */
export function probe({ store, deps }: ReinstatePorts): Promise<unknown> {
  return store.executions.takeOver(deps.lease.owner, deps.ids.token(), 0);
}

async function reinstate(remembered: ExecutionRecord, ports: ReinstatePorts): Promise<boolean> {
  const { store, drivers, deps } = ports;
  const { id, tenant } = remembered;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const decided = decideReinstatement({
      remembered,
      stored: await store.executions.find(tenant, id),
      driven: drivers.drives(id) && drivers.current(id)?.token === remembered.token,
      owner: deps.lease.owner,
      token: deps.ids.token(),
      now: deps.clock.now(),
    });
    if (decided.kind === 'kept') return false;
    if (remembered.state === EXECUTION_STATE.awaiting_approval) return refreeze(decided.record, ports);
    const result = await store.executions.reinstate(decided.record, decided.over);
    if (result.kind === 'reinstated') {
      await tell(remembered, decided.record, ports);
      return true;
    }
    if (result.kind === 'key_taken') return reinstateWithoutKey(remembered, decided.record, ports);
  }
  deps.log.error('acknowledged_write_lost', {
    execution_id: id,
    state: remembered.state,
    became: 'not_known',
  });
  return true;
}

/** Its key was claimed once more before this gateway could say that it was taken: both calls may have had their effect. */
async function reinstateWithoutKey(
  remembered: ExecutionRecord,
  record: ExecutionRecord,
  ports: ReinstatePorts,
): Promise<boolean> {
  const { store } = ports;
  // Not waited for: keys are recalled the way that calls go, and no call goes on before all this is done.
  void tellClaimedAgain(record, ports);
  const keyless = { ...record, keyDigest: null };
  await store.executions.reinstate(keyless, null);
  await tell(remembered, keyless, ports);
  return true;
}

async function tellClaimedAgain(
  { id, keyDigest }: ExecutionRecord,
  { store, deps }: ReinstatePorts,
): Promise<void> {
  const holder = keyDigest === null ? null : await store.executions.recall(keyDigest).catch(() => null);
  const by = holder?.kind === 'execution' ? holder.record.id : null;
  deps.log.error('lost_key_claimed_again', { execution_id: id, claimed_by: by });
}

/** What waits for people is nothing without what they are asked. */
async function refreeze(record: ExecutionRecord, ports: ReinstatePorts): Promise<boolean> {
  const { store, remembered, deps } = ports;
  const approval = remembered
    .approvals()
    .findLast(({ executionId, state }) => executionId === record.id && state === 'pending');
  const frozen = approval === undefined ? null : await store.approvals.freeze(record, approval, []);
  const became = frozen?.kind === 'claimed' ? record.state : 'not_known';
  deps.log.error('acknowledged_write_lost', { execution_id: record.id, state: record.state, became });
  if (frozen?.kind === 'claimed') await store.outbox.add(announceReinstated(record, deps));
  return true;
}

/** A decision that the store has lost is made again: nobody decides a second time on what has been carried out. */
async function redecide(approval: ApprovalRecord, { store, deps }: ReinstatePorts): Promise<boolean> {
  const stored = await store.approvals.find(approval.tenant, approval.id);
  if (stored?.state !== 'pending') return false;
  const again = { ...approval, version: stored.version + 1 };
  const result = await store.approvals.decide({ approval: again, move: null, fresh: null, messages: [] });
  deps.log.error('acknowledged_decision_lost', { approval_id: approval.id, became: result.kind });
  return false;
}

async function tell(
  remembered: ExecutionRecord,
  { id, state, epoch, seq }: ExecutionRecord,
  { store, deps }: ReinstatePorts,
): Promise<void> {
  const about = { execution_id: id, state: remembered.state, became: state, epoch, seq };
  deps.log.error('acknowledged_write_lost', about);
  await store.outbox.add(announceReinstated({ ...remembered, state, epoch, seq }, deps));
}
