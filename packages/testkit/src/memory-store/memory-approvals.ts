import type { ApprovalRecord } from '@invoke/core/domain';
import {
  StorageUnavailable,
  type ApprovalMove,
  type ApprovalQuery,
  type ApprovalStore,
  type OutboxMessage,
  type Clock,
  type DecideResult,
} from '@invoke/core/ports';
import { throughJson, type Later } from './later.js';
import { claim, mayMove, recall, transition, type ExecutionMemory } from './memory-executions.js';
import type { Post } from './memory-outbox.js';

interface Memory {
  readonly executions: ExecutionMemory;
  readonly post: Post;
  readonly clock: Pick<Clock, 'now'>;
  /** In the order in which they were written. */
  approvals: ApprovalRecord[];
}

export function createMemoryApprovals(parts: Omit<Memory, 'approvals'>, later: Later): ApprovalStore {
  const memory: Memory = { ...parts, approvals: [] };
  const pending = () => memory.approvals.filter((a) => a.state === 'pending' && a.kind === 'approval');
  return {
    freeze: (record, approval, messages) =>
      later(() => {
        const holder = recall(memory.executions, record.keyDigest);
        if (holder.kind !== 'none') return holder;
        expectNew(memory, approval);
        const claimed = claim(memory.executions, record);
        add(memory, approval, messages);
        return claimed;
      }),
    escalate: (move, approval, messages) =>
      later(() => {
        if (!mayMove(memory.executions, move)) return { kind: 'lost' };
        expectNew(memory, approval);
        add(memory, approval, messages);
        return transition(memory.executions, move);
      }),
    decide: (move) => later(() => decide(memory, move)),
    find: (tenant, id) =>
      later(() => memory.approvals.find((a) => a.tenant === tenant && a.id === id) ?? null),
    ofExecution: (tenant, executionId) =>
      later(
        () => memory.approvals.findLast((a) => a.tenant === tenant && a.executionId === executionId) ?? null,
      ),
    list: (query) => later(() => list(memory, query)),
    expired: (limit) =>
      later(() =>
        pending()
          .filter((a) => a.expiresAt <= memory.clock.now())
          .toSorted((a, b) => a.expiresAt - b.expiresAt)
          .slice(0, limit),
      ),
    countPending: (tenant, { agentId, keyId }) =>
      later(() => {
        const here = pending().filter((a) => a.tenant === tenant && a.agentId === agentId);
        return here.filter((a) => agentId !== null || a.requestedBy === keyId).length;
      }),
  };
}

function decide(memory: Memory, { approval, move, fresh, messages, when }: ApprovalMove): DecideResult {
  const at = memory.approvals.findIndex((a) => a.tenant === approval.tenant && a.id === approval.id);
  const known = memory.approvals[at];
  const allowed = known?.state === 'pending' && known.version === approval.version - 1;
  if (!allowed || (move !== null && !mayMove(memory.executions, move))) return { kind: 'lost' };
  const overdue = known.expiresAt <= memory.clock.now();
  if (when !== undefined && overdue !== (when === 'overdue')) return { kind: 'untimely' };
  if (fresh !== null) expectNew(memory, fresh);
  if (move !== null) transition(memory.executions, move);
  memory.approvals[at] = throughJson(approval);
  if (fresh !== null) memory.approvals.push(throughJson(fresh));
  memory.post(messages);
  return { kind: 'moved' };
}

function add(memory: Memory, approval: ApprovalRecord, messages: readonly OutboxMessage[]): void {
  memory.approvals.push(throughJson(approval));
  memory.post(messages);
}

function expectNew({ approvals }: Memory, { id }: ApprovalRecord): void {
  if (approvals.some((a) => a.id === id)) throw new StorageUnavailable(`The id ${id} is taken.`);
}

function list({ approvals }: Memory, query: ApprovalQuery): readonly ApprovalRecord[] {
  const before = query.before === null ? Infinity : approvals.findIndex((a) => a.id === query.before);
  return approvals
    .filter((a, at) => a.tenant === query.tenant && at < before)
    .filter((a) => query.state === null || a.state === query.state)
    .filter((a) => query.agentId === null || a.agentId === query.agentId)
    .reverse()
    .slice(0, query.limit);
}
