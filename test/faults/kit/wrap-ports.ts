import type { GatewayPorts } from '@invoke/gateway';
import {
  StorageUnavailable,
  type MessageSender,
  type Store,
  type ToolCall,
  type ToolInvoker,
  type Transition,
} from '@invoke/core/ports';
import type { Failpoint, Failpoints } from './failpoints.js';

/** Told of each request whose bytes are about to be written: who asks, and by which mark the tool will know it. */
export type OnSent = (sent: { readonly mark: string; readonly executionId: string }) => void;

/** Puts the failpoints around every port. */
export function withFailpoints(ports: GatewayPorts, points: Failpoints, onSent: OnSent): GatewayPorts {
  return {
    ...ports,
    store: failingStore(ports.store, points),
    invoker: failingInvoker(ports.invoker, points, onSent),
    sender: ports.sender === null ? null : failingSender(ports.sender, points),
  };
}

/** What is around a commit that may be lost on its way back. */
async function around<T>(
  points: Failpoints,
  names: { readonly before: Failpoint; readonly after: Failpoint },
  commit: () => Promise<T>,
): Promise<T> {
  const loses = await points.hit(names.before);
  const result = await commit();
  if (loses) throw new StorageUnavailable(`failpoint ${names.before}: the answer is lost`);
  await points.hit(names.after);
  return result;
}

const CLAIM = { before: 'before_claim_commit', after: 'after_claim_commit' } as const;
const ATTEMPT = { before: 'before_attempt_commit', after: 'after_attempt_commit' } as const;
const STEP = { before: 'before_step_commit', after: 'after_step_commit' } as const;
const OUTCOME = { before: 'before_outcome_commit', after: 'after_outcome_commit' } as const;
const APPROVAL = { before: 'before_approval_commit', after: 'after_approval_commit' } as const;

function failingStore(store: Store, points: Failpoints): Store {
  const { executions, incarnations, approvals, settlements } = store;
  return {
    ...store,
    executions: {
      ...executions,
      claim: (record) => around(points, CLAIM, () => executions.claim(record)),
      transition: (move) => around(points, namesOf(move), () => executions.transition(move)),
      async takeOver(owner, token, limit) {
        await points.hit('before_takeover');
        const taken = await executions.takeOver(owner, token, limit);
        if (taken.length > 0) await points.hit('after_takeover');
        return taken;
      },
    },
    incarnations: {
      ...incarnations,
      async renew(id, lease) {
        await points.hit('renew');
        return incarnations.renew(id, lease);
      },
    },
    approvals: {
      ...approvals,
      freeze: (record, approval, messages) =>
        around(points, APPROVAL, () => approvals.freeze(record, approval, messages)),
      decide: (move) => around(points, APPROVAL, () => approvals.decide(move)),
      escalate: (move, approval, messages) =>
        around(points, OUTCOME, () => approvals.escalate(move, approval, messages)),
    },
    settlements: {
      ...settlements,
      settle: (move, messages) => around(points, OUTCOME, () => settlements.settle(move, messages)),
    },
  };
}

function namesOf({ state, finishedAt }: Transition): typeof ATTEMPT | typeof STEP | typeof OUTCOME {
  if (finishedAt !== null || state === 'needs_review') return OUTCOME;
  return state === 'running' ? ATTEMPT : STEP;
}

function failingInvoker(invoker: ToolInvoker, points: Failpoints, onSent: OnSent): ToolInvoker {
  return {
    async invoke(call) {
      const writes = call.tool.card.effect === 'write';
      await points.hit(writes ? 'before_send' : 'before_lookup');
      const reply = await invoker.invoke(writes ? watched(call, points, onSent) : call);
      await points.hit(writes ? 'after_send' : 'after_lookup');
      return reply;
    },
    close: () => invoker.close(),
  };
}

/** Marks the request, so that it can be told apart from others of the same execution, and watches its fence. */
function watched(call: ToolCall, points: Failpoints, onSent: OnSent): ToolCall {
  const mark = newMark(call.traceparent);
  return {
    ...call,
    traceparent: mark,
    mayStillSend() {
      points.hitNow('before_fence');
      const may = call.mayStillSend();
      if (may) {
        onSent({ mark, executionId: call.executionId });
        points.hitNow('at_fence');
      }
      return may;
    },
  };
}

/** Another span of the same trace. */
function newMark(traceparent: string | null): string {
  const hex = (bytes: number) =>
    [...crypto.getRandomValues(new Uint8Array(bytes))].map((b) => b.toString(16).padStart(2, '0')).join('');
  const trace = traceparent?.split('-')[1] ?? hex(16);
  return `00-${trace}-${hex(8)}-01`;
}

function failingSender(sender: MessageSender, points: Failpoints): MessageSender {
  return {
    channels: sender.channels,
    async send(message) {
      await points.hit('before_outbox_send');
      const result = await sender.send(message);
      await points.hit('after_outbox_send');
      return result;
    },
    close: () => sender.close(),
  };
}
