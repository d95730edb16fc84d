import type { EpochMs } from '@invoke/core/domain';
import type { Clock, OutboxMessage, OutboxStore } from '@invoke/core/ports';
import { throughJson, type Later } from './later.js';

interface Posted {
  readonly message: OutboxMessage;
  readonly attempts: number;
  readonly dueAt: EpochMs;
  /** Null while it is to be delivered. */
  readonly end: { readonly kind: 'delivered' | 'dead'; readonly at: EpochMs } | null;
}

/** In the order in which they were written. */
export interface OutboxMemory {
  posted: Posted[];
}

/** Writes messages in the same moment as what they tell of. */
export type Post = (messages: readonly OutboxMessage[]) => void;

/** A message that is known by its id is not posted again. */
export function postAt(memory: OutboxMemory, messages: readonly OutboxMessage[], now: EpochMs): void {
  for (const message of throughJson(messages)) {
    if (memory.posted.some((p) => p.message.id === message.id)) continue;
    const { dueInMs = 0, ...sent } = message;
    memory.posted.push({ message: sent, attempts: 0, dueAt: (now + dueInMs) as EpochMs, end: null });
  }
}

export function createMemoryOutbox(
  memory: OutboxMemory,
  clock: Pick<Clock, 'now'>,
  later: Later,
): OutboxStore {
  const open = (id: string) => memory.posted.find((p) => p.message.id === id && p.end === null);
  const replace = (posted: Posted, change: Partial<Posted>) => {
    memory.posted = memory.posted.map((p) => (p === posted ? { ...posted, ...change } : p));
  };
  return {
    take: (limit, leaseMs) =>
      later(() => {
        const now = clock.now();
        const longest = memory.posted
          .filter((p) => p.end === null && p.dueAt <= now)
          .toSorted((a, b) => a.dueAt - b.dueAt)
          .slice(0, limit);
        const due = memory.posted.filter((p) => longest.includes(p));
        for (const posted of due) {
          replace(posted, { attempts: posted.attempts + 1, dueAt: (now + leaseMs) as EpochMs });
        }
        return due.map(({ message, attempts }) => ({ message, attempts }));
      }),
    settle: (id, delivery) =>
      later(() => {
        const posted = open(id);
        if (posted === undefined) return;
        if (delivery.kind === 'retry')
          replace(posted, { dueAt: (clock.now() + delivery.afterMs) as EpochMs });
        else replace(posted, { end: { kind: delivery.kind, at: clock.now() } });
      }),
    add: (messages) => later(() => postAt(memory, messages, clock.now())),
    prune: (deliveredBefore, limit) =>
      later(() => prune(memory, { kind: 'delivered', before: deliveredBefore, limit })),
    pruneDead: (deadBefore, limit) => later(() => prune(memory, { kind: 'dead', before: deadBefore, limit })),
  };
}

function prune(
  memory: OutboxMemory,
  { kind, before, limit }: { kind: 'delivered' | 'dead'; before: EpochMs; limit: number },
): number {
  const old = memory.posted
    .filter((p) => p.end?.kind === kind && p.end.at < before)
    .toSorted((a, b) => (a.end?.at ?? 0) - (b.end?.at ?? 0))
    .slice(0, limit);
  memory.posted = memory.posted.filter((p) => !old.includes(p));
  return old.length;
}
