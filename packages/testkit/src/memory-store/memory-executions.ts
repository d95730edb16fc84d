import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import type { ExecutionRecord } from '@invoke/core/domain';
import {
  StorageUnavailable,
  type ClaimResult,
  type ExecutionStore,
  type Recalled,
  type Tombstone,
} from '@invoke/core/ports';
import { throughJson, type Later } from './later.js';

const S = EXECUTION_STATE;
const DRIVEN: readonly ExecutionState[] = [S.accepted, S.running, S.retry_wait, S.unknown, S.reconciling];
const IN_DOUBT: readonly ExecutionState[] = [S.unknown, S.reconciling, S.needs_review];
const WAITING: readonly ExecutionState[] = [S.awaiting_approval, S.needs_review];

export function createMemoryExecutions(
  isAlive: (owner: string | null) => boolean,
  later: Later,
): ExecutionStore {
  /** In order of acceptance. */
  let records: ExecutionRecord[] = [];
  let tombstones: Tombstone[] = [];
  const accepted: string[] = [];

  function recall(keyDigest: string): Recalled {
    const record = records.find((r) => r.keyDigest === keyDigest);
    if (record !== undefined) return { kind: 'execution', record };
    const tombstone = tombstones.find((t) => t.keyDigest === keyDigest);
    return tombstone === undefined ? { kind: 'none' } : { kind: 'tombstone', tombstone };
  }

  function claim(record: ExecutionRecord): ClaimResult {
    const holder = record.keyDigest === null ? { kind: 'none' as const } : recall(record.keyDigest);
    if (holder.kind !== 'none') return holder;
    const taken =
      records.some((r) => r.id === record.id) || tombstones.some((t) => t.executionId === record.id);
    if (taken) throw new StorageUnavailable(`The id ${record.id} is taken.`);
    records.push(throughJson(record));
    accepted.push(record.id);
    return { kind: 'claimed' };
  }

  function replace(record: ExecutionRecord): void {
    records = records.map((r) => (r.id === record.id ? record : r));
  }

  return {
    recall: (keyDigest) => later(() => recall(keyDigest)),
    claim: (record) => later(() => claim(record)),
    transition: (move) =>
      later(() => {
        const { id, from, ...change } = move;
        const record = records.find((r) => r.id === id);
        const allowed =
          record?.state === from.state && record.epoch === from.epoch && record.seq === from.seq;
        if (!allowed) return { kind: 'lost' };
        replace({ ...record, ...throughJson(change), seq: record.seq + 1 });
        return { kind: 'moved' };
      }),
    find: (tenant, id) => later(() => records.find((r) => r.id === id && r.tenant === tenant) ?? null),
    list: (query) =>
      later(() => {
        const before = query.before === null ? Infinity : accepted.indexOf(query.before);
        return records
          .filter((r) => r.tenant === query.tenant && accepted.indexOf(r.id) < before)
          .filter((r) => query.state === null || r.state === query.state)
          .filter((r) => query.tool === null || r.tool === query.tool)
          .filter((r) => query.agentId === null || r.agentId === query.agentId)
          .reverse()
          .slice(0, query.limit);
      }),
    unsettledWriteTo: (tenant, env, entityId) =>
      later(() => {
        const held = records.find(
          (r) =>
            r.tenant === tenant && r.env === env && r.entityId === entityId && IN_DOUBT.includes(r.state),
        );
        return held?.id ?? null;
      }),
    takeOver: (owner, token, limit) =>
      later(() => {
        const orphans = records
          .filter((r) => DRIVEN.includes(r.state) && r.owner !== owner && !isAlive(r.owner))
          .slice(0, limit);
        const taken = orphans.map((r) => ({ ...r, owner, token, epoch: r.epoch + 1, seq: r.seq + 1 }));
        taken.forEach(replace);
        return taken;
      }),
    prune: (finishedBefore, until, limit) =>
      later(() => {
        const old = records
          .filter((r) => !DRIVEN.includes(r.state) && !WAITING.includes(r.state))
          .filter((r) => r.finishedAt !== null && r.finishedAt < finishedBefore)
          .sort((a, b) => (a.finishedAt as number) - (b.finishedAt as number))
          .slice(0, limit);
        records = records.filter((r) => !old.includes(r));
        for (const { keyDigest, fingerprint, id, state } of old) {
          if (keyDigest !== null) tombstones.push({ keyDigest, fingerprint, executionId: id, state, until });
        }
        return old.length;
      }),
    dropTombstones: (before, limit) =>
      later(() => {
        const served = tombstones
          .filter((t) => t.until < before)
          .sort(
            (a, b) => a.until - b.until || accepted.indexOf(a.executionId) - accepted.indexOf(b.executionId),
          )
          .slice(0, limit);
        tombstones = tombstones.filter((t) => !served.includes(t));
        return served.length;
      }),
  };
}
