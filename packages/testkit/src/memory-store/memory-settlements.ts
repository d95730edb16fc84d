import { DRIVEN_STATES, type SettlementRecord } from '@invoke/core/domain';
import type { SettlementStore } from '@invoke/core/ports';
import { throughJson, type Later } from './later.js';
import { mayMove, transition, type ExecutionMemory } from './memory-executions.js';
import type { Post } from './memory-outbox.js';

export function createMemorySettlements(
  { executions, post }: { readonly executions: ExecutionMemory; readonly post: Post },
  later: Later,
): SettlementStore {
  /** In the order in which they were written. */
  let settlements: readonly SettlementRecord[] = [];
  const isKnown = ({ tenant, provider, eventId }: SettlementRecord) =>
    settlements.some((s) => s.tenant === tenant && s.provider === provider && s.eventId === eventId);
  const ended = ({ tenant, executionId }: SettlementRecord) =>
    executions.records.find(
      (r) => r.id === executionId && r.tenant === tenant && !DRIVEN_STATES.includes(r.state),
    );
  return {
    record: (settlement, move, messages) =>
      later(() => {
        if (isKnown(settlement)) return { kind: 'seen' };
        if (move !== null && !mayMove(executions, move)) return { kind: 'lost' };
        if (move !== null) transition(executions, move);
        settlements = [...settlements, throughJson(settlement)];
        post(messages);
        return { kind: 'moved' };
      }),
    settle: (move, messages) =>
      later(() => {
        const result = transition(executions, move);
        if (result.kind === 'moved') post(messages);
        return result;
      }),
    close: ({ tenant, provider, eventId }, messages) =>
      later(() => {
        settlements = settlements.map((s) =>
          s.tenant === tenant && s.provider === provider && s.eventId === eventId ? { ...s, open: false } : s,
        );
        post(messages);
      }),
    leftOpen: (limit) =>
      later(() => {
        const left = settlements.filter((s) => s.open).flatMap((s) => ended(s)?.id ?? []);
        const records = [...new Set(left.slice(0, limit))].flatMap(
          (id) => executions.records.find((r) => r.id === id) ?? [],
        );
        return records.map(({ tenant, id }) => ({ tenant, id }));
      }),
    ofExecution: (tenant, executionId) =>
      later(() => settlements.filter((s) => s.tenant === tenant && s.executionId === executionId)),
    prune: (receivedBefore, limit) =>
      later(() => {
        const old = settlements
          .filter((s) => s.receivedAt < receivedBefore)
          .filter((s) => !executions.records.some((r) => r.id === s.executionId))
          .toSorted((a, b) => a.receivedAt - b.receivedAt)
          .slice(0, limit);
        settlements = settlements.filter((s) => !old.includes(s));
        return old.length;
      }),
  };
}
