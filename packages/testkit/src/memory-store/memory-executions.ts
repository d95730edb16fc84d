import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import { epochMs, type EpochMs, type ExecutionRecord } from '@invoke/core/domain';
import {
  StorageUnavailable,
  type ClaimResult,
  type Clock,
  type ExecutionQuery,
  type ExecutionStore,
  type Recalled,
  type Reinstated,
  type Tombstone,
  type Transition,
  type TransitionResult,
  type Version,
} from '@invoke/core/ports';
import { throughJson, type Later } from './later.js';

const S = EXECUTION_STATE;
const DRIVEN: readonly ExecutionState[] = [S.accepted, S.running, S.retry_wait, S.unknown, S.reconciling];
const IN_DOUBT: readonly ExecutionState[] = [S.unknown, S.reconciling, S.needs_review];
const WAITING: readonly ExecutionState[] = [S.awaiting_approval, S.needs_review];

export interface ExecutionMemory {
  /** In order of acceptance. */
  records: ExecutionRecord[];
  tombstones: Tombstone[];
  /** The ids of all that were ever accepted, in that order. */
  accepted: string[];
}

type Alive = (owner: string | null) => boolean;

export function createExecutionMemory(): ExecutionMemory {
  return { records: [], tombstones: [], accepted: [] };
}

interface Means {
  readonly isAlive: Alive;
  readonly clock: Pick<Clock, 'now'>;
}

export function createMemoryExecutions(
  memory: ExecutionMemory,
  { isAlive, clock }: Means,
  later: Later,
): ExecutionStore {
  return {
    foresee: () => 'unknown',
    recall: (keyDigest) => later(() => recall(memory, keyDigest)),
    claim: (record) => later(() => claim(memory, record)),
    transition: (step) => later(() => transition(memory, step)),
    find: (tenant, id) => later(() => memory.records.find((r) => r.id === id && r.tenant === tenant) ?? null),
    list: (query) => later(() => list(memory, query)),
    unsettledWriteTo: (tenant, env, entityId) =>
      later(() => {
        const here = memory.records.filter(
          (r) => r.tenant === tenant && r.env === env && r.entityId === entityId,
        );
        const inDoubt = (r: ExecutionRecord) =>
          IN_DOUBT.includes(r.state) || (r.state === S.running && !isAlive(r.owner));
        return here.find(inDoubt)?.id ?? null;
      }),
    takeOver: (owner, token, limit) => later(() => takeOver(memory, isAlive, { owner, token, limit })),
    ownedBy: (owner, limit) =>
      later(() =>
        memory.records.filter((r) => DRIVEN.includes(r.state) && r.owner === owner).slice(0, limit),
      ),
    reinstate: (record, over) => later(() => reinstate(memory, record, over)),
    prune: ({ now, keptMs, tombstoneMs, limit }) =>
      later(() => {
        const finishedBefore = epochMs(Math.min(now, clock.now()) - keptMs);
        return prune(memory, { finishedBefore, until: epochMs(clock.now() + tombstoneMs), limit });
      }),
    dropTombstones: (now, limit) =>
      later(() => dropTombstones(memory, epochMs(Math.min(now, clock.now())), limit)),
  };
}

export function recall({ records, tombstones }: ExecutionMemory, keyDigest: string | null): Recalled {
  if (keyDigest === null) return { kind: 'none' };
  const record = records.find((r) => r.keyDigest === keyDigest);
  if (record !== undefined) return { kind: 'execution', record };
  const tombstone = tombstones.find((t) => t.keyDigest === keyDigest);
  return tombstone === undefined ? { kind: 'none' } : { kind: 'tombstone', tombstone };
}

export function claim(memory: ExecutionMemory, record: ExecutionRecord): ClaimResult {
  const holder = recall(memory, record.keyDigest);
  if (holder.kind !== 'none') return holder;
  const ids = [...memory.records.map((r) => r.id), ...memory.tombstones.map((t) => t.executionId)];
  if (ids.includes(record.id)) throw new StorageUnavailable(`The id ${record.id} is taken.`);
  memory.records.push(throughJson(record));
  memory.accepted = [...memory.accepted.filter((id) => id !== record.id), record.id];
  return { kind: 'claimed' };
}

export function mayMove({ records }: ExecutionMemory, { id, from }: Transition): boolean {
  const record = records.find((r) => r.id === id);
  return record?.state === from.state && record.epoch === from.epoch && record.seq === from.seq;
}

export function transition(memory: ExecutionMemory, step: Transition): TransitionResult {
  const { id, from: _, ...change } = step;
  const record = memory.records.find((r) => r.id === id);
  if (record === undefined || !mayMove(memory, step)) return { kind: 'lost' };
  replace(memory, { ...record, ...throughJson(change), seq: record.seq + 1 });
  return { kind: 'moved' };
}

function list({ records, accepted }: ExecutionMemory, query: ExecutionQuery): readonly ExecutionRecord[] {
  const before = query.before === null ? Infinity : accepted.indexOf(query.before);
  return records
    .filter((r) => r.tenant === query.tenant && accepted.indexOf(r.id) < before)
    .filter((r) => query.state === null || r.state === query.state)
    .filter((r) => query.tool === null || r.tool === query.tool)
    .filter((r) => query.agentId === null || r.agentId === query.agentId)
    .reverse()
    .slice(0, query.limit);
}

function takeOver(
  memory: ExecutionMemory,
  isAlive: Alive,
  { owner, token, limit }: { owner: string; token: string; limit: number },
): readonly ExecutionRecord[] {
  const taken = memory.records
    .filter((r) => DRIVEN.includes(r.state) && r.owner !== owner && !isAlive(r.owner))
    .slice(0, limit)
    .map((r) => ({ ...r, owner, token, epoch: r.epoch + 1, seq: r.seq + 1 }));
  for (const record of taken) replace(memory, record);
  return taken;
}

function reinstate(memory: ExecutionMemory, record: ExecutionRecord, over: Version | null): Reinstated {
  const known = memory.records.find((r) => r.id === record.id);
  if (over !== null) {
    if (known?.epoch !== over.epoch || known.seq !== over.seq) return { kind: 'lost' };
    replace(memory, throughJson(record));
    return { kind: 'reinstated' };
  }
  if (known !== undefined || memory.tombstones.some((t) => t.executionId === record.id)) {
    return { kind: 'lost' };
  }
  return claim(memory, record).kind === 'claimed' ? { kind: 'reinstated' } : { kind: 'key_taken' };
}

function prune(
  memory: ExecutionMemory,
  batch: { finishedBefore: EpochMs; until: EpochMs; limit: number },
): number {
  const old = memory.records
    .filter((r) => !DRIVEN.includes(r.state) && !WAITING.includes(r.state))
    .filter((r) => r.finishedAt !== null && r.finishedAt < batch.finishedBefore)
    .sort((a, b) => (a.finishedAt as number) - (b.finishedAt as number))
    .slice(0, batch.limit);
  memory.records = memory.records.filter((r) => !old.includes(r));
  for (const { keyDigest, fingerprint, id, state } of old) {
    if (keyDigest === null) continue;
    memory.tombstones.push({ keyDigest, fingerprint, executionId: id, state, until: batch.until });
  }
  return old.length;
}

function dropTombstones(memory: ExecutionMemory, before: EpochMs, limit: number): number {
  const order = (t: Tombstone) => memory.accepted.indexOf(t.executionId);
  const served = memory.tombstones
    .filter((t) => t.until < before)
    .sort((a, b) => a.until - b.until || order(a) - order(b))
    .slice(0, limit);
  memory.tombstones = memory.tombstones.filter((t) => !served.includes(t));
  return served.length;
}

function replace(memory: ExecutionMemory, record: ExecutionRecord): void {
  memory.records = memory.records.map((r) => (r.id === record.id ? record : r));
}
