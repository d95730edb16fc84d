import type { ApprovalMove, ApprovalStore, DecideResult } from '../../ports/approval-store.js';
import type { Transition } from '../../ports/execution-store.js';
import type { Store } from '../../ports/store.js';
import type { Remembered } from './remembered.js';

/** The store, with every version that it acknowledges remembered: no writer can forget to. */
export function rememberWrites(store: Store, remembered: Remembered): Store {
  const { executions, settlements } = store;
  return {
    ...store,
    check: () => store.check(),
    instanceSecret: () => store.instanceSecret(),
    close: () => store.close(),
    executions: overlay(executions, {
      async claim(record) {
        const result = await executions.claim(record);
        if (result.kind === 'claimed') remembered.keep(record);
        return result;
      },
      async transition(move) {
        const result = await executions.transition(move);
        keepMoved(move, result, remembered);
        return result;
      },
      async takeOver(owner, token, limit) {
        const taken = await executions.takeOver(owner, token, limit);
        for (const record of taken) remembered.keep(record);
        return taken;
      },
    }),
    approvals: rememberApprovals(store, remembered),
    settlements: overlay(settlements, {
      async record(settlement, move, messages) {
        const result = await settlements.record(settlement, move, messages);
        keepMoved(move, result, remembered);
        return result;
      },
      async settle(move, messages) {
        const result = await settlements.settle(move, messages);
        keepMoved(move, result, remembered);
        return result;
      },
    }),
  };
}

function rememberApprovals({ approvals, executions }: Store, remembered: Remembered): ApprovalStore {
  function keepDecided(move: ApprovalMove, result: DecideResult): void {
    keepMoved(move.move, result, remembered);
    if (result.kind !== 'moved') return;
    remembered.keepApproval(move.approval);
    if (move.fresh !== null) remembered.keepApproval(move.fresh);
  }

  return overlay(approvals, {
    async freeze(record, approval, messages) {
      const result = await approvals.freeze(record, approval, messages);
      if (result.kind !== 'claimed') return result;
      remembered.keep(record);
      remembered.keepApproval(approval);
      return result;
    },
    async escalate(move, approval, messages) {
      const result = await approvals.escalate(move, approval, messages);
      keepMoved(move, result, remembered);
      if (result.kind === 'moved') remembered.keepApproval(approval);
      return result;
    },
    async decide(move) {
      await recallMoved(move);
      const result = await approvals.decide(move);
      keepDecided(move, result);
      return result;
    },
  });

  /** Approvals are decided where they were not asked for: what they free has to be known here. */
  async function recallMoved({ approval, move }: ApprovalMove): Promise<void> {
    if (move === null || remembered.find(move.id) !== null) return;
    const found = await executions.find(approval.tenant, move.id);
    if (found !== null) remembered.keep(found);
  }
}

/** What a move makes of the version that it was made from. */
function keepMoved(
  move: Transition | null,
  { kind }: { readonly kind: string },
  remembered: Remembered,
): void {
  if (move === null || kind !== 'moved') return;
  const before = remembered.find(move.id);
  // A version of somebody else's: they remember what it came from.
  if (before === null) return;
  const { from, ...change } = move;
  remembered.keep({ ...before, ...change, epoch: from.epoch, seq: from.seq + 1 });
}

/** The same port with some methods replaced, whatever it is made of. */
function overlay<Port extends object>(port: Port, methods: Partial<Port>): Port {
  return Object.assign(Object.create(port) as Port, methods);
}
