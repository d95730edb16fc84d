import type { ToolReply } from '@invoke/core/domain';
import type { ToolCall } from '@invoke/core/ports';
import type { ManualClock } from '@invoke/testkit/fakes';
import type { Effect, Level, Send } from './evidence.js';
import type { Plan, ReadFate, RequestFate } from './plan.js';
import { LEVEL_TOOL } from './tools.js';

/**
 * The tools, on the other side of the network: they go on whatever becomes of the gateways. Each keeps a ledger of what it
 * did; only the keyed tool does nothing twice for one key.
 */
export interface OutsideWorld {
  readonly effects: readonly Effect[];
  readonly sends: readonly Send[];
  readonly levels: readonly Level[];
  /** The fate of the next request; counts them from 1. */
  nextRequest(): { readonly n: number; readonly fate: RequestFate };
  /** The bytes are on the wire. Resolves with what comes back over it, or never. */
  receive(
    call: ToolCall,
    fate: RequestFate,
    from: { gateway: string; startedMs: number },
  ): Promise<ToolReply>;
  /** Tells of each request what has become of it, as soon as that is certain. */
  onSettled(hear: (told: Told) => void): void;
  /** A read of what was done for a key, or of the state of the world. */
  read(call: ToolCall, gateway: string): Promise<ToolReply>;
  /** Requests whose effect is still to come. */
  underWay(): number;
}

/** What has become of the nth request that arrived. */
export interface Told {
  readonly n: number;
  readonly executionId: string;
  /** The key that we sent on. */
  readonly reference: string;
  readonly done: boolean;
}

export interface OutsideWorldParts {
  readonly plan: Plan;
  readonly clock: ManualClock;
  readonly nextOrder: () => number;
}

const OK_FATE: RequestFate = { connectMs: 0, refused: false, effectMs: 1, reply: 'ok', replyMs: 2 };
const OK_READ: ReadFate = { reply: 'ok', replyMs: 1 };

export function createOutsideWorld({ plan, clock, nextOrder }: OutsideWorldParts): OutsideWorld {
  const effects: Effect[] = [];
  const sends: Send[] = [];
  const levels: Level[] = [];
  const doneFor = new Map<string, string>();
  let requests = 0;
  let reads = 0;
  let underWay = 0;
  let hear: (told: Told) => void = () => undefined;
  const lagMs = plan.around?.lagMs ?? 0;
  const pause = (ms: number) => new Promise<void>((resolve) => clock.schedule(ms, resolve));

  /** Does it, unless the tool honours the key and has done it before. Returns the receipt. */
  function act(call: ToolCall): string {
    const known = call.tool.id === 'keyed' ? doneFor.get(call.downstreamKey ?? '') : undefined;
    if (known !== undefined) return known;
    const order = nextOrder();
    const receipt = `receipt-${effects.length + 1}`;
    effects.push({ order, key: keyOf(call), tool: call.tool.id, atMs: clock.monotonic() });
    doneFor.set(call.downstreamKey ?? '', receipt);
    return receipt;
  }

  function readLevel(reply: ReadFate['reply'], gateway: string): Promise<ToolReply> | ToolReply {
    const level = clock.monotonic() < (plan.around?.driftMs ?? Infinity) ? 'green' : 'red';
    if (reply === 'ok') levels.push({ order: nextOrder(), gateway, level });
    return toReply(reply, { level });
  }

  return {
    effects,
    sends,
    levels,
    nextRequest() {
      const fate = plan.requests[Math.min(requests, plan.requests.length - 1)] ?? OK_FATE;
      requests += 1;
      return { n: requests, fate };
    },
    async receive(call, fate, { gateway, startedMs }) {
      const { executionId, tool } = call;
      sends.push({ order: nextOrder(), key: keyOf(call), tool: tool.id, executionId, gateway });
      const n = sends.length;
      const reference = call.downstreamKey ?? '';
      const settled = () => hear({ n, executionId, reference, done: doneFor.has(reference) });
      if (fate.effectMs === null) settled();
      let receipt: string | null = null;
      if (fate.effectMs !== null) {
        underWay += 1;
        clock.schedule(startedMs + fate.effectMs - clock.monotonic(), () => {
          receipt = act(call);
          underWay -= 1;
          settled();
        });
      }
      const dueMs = fate.effectMs === null ? 0 : startedMs + fate.effectMs - clock.monotonic();
      // Who answers "done" has done it.
      await pause(fate.reply === 'ok' ? Math.max(fate.replyMs, dueMs) : fate.replyMs);
      return toReply(fate.reply, { receipt: receipt ?? doneFor.get(call.downstreamKey ?? '') ?? 'none' });
    },
    onSettled: (listener) => void (hear = listener),
    async read(call, gateway) {
      const fate = plan.reads[Math.min(reads, plan.reads.length - 1)] ?? OK_READ;
      reads += 1;
      const key = keyOf(call);
      await pause(fate.replyMs);
      if (call.tool.id === LEVEL_TOOL) return readLevel(fate.reply, gateway);
      const asOfMs = clock.monotonic() - lagMs;
      const done = effects.some((e) => e.key === key && e.tool === 'lookup' && e.atMs <= asOfMs);
      return toReply(fate.reply, { done });
    },
    underWay: () => underWay,
  };
}

/** What a call is about, as the tools know it. */
function keyOf({ params }: ToolCall): string {
  return String(params['key']);
}

function toReply(kind: RequestFate['reply'], value: object): Promise<ToolReply> | ToolReply {
  switch (kind) {
    case 'ok':
      return answer(200, value);
    case 'status_500':
      return answer(500, { error: 'internal' });
    case 'status_400':
      return answer(400, { error: 'bad request' });
    case 'status_429':
      return answer(429, { error: 'slow down' });
    case 'lost':
      return { kind: 'failure', sent: true, reason: 'connection_lost', message: 'reset' };
    case 'nothing':
      return new Promise(() => undefined);
  }
}

function answer(status: number, value: object): ToolReply {
  return { kind: 'answer', status, isError: false, text: JSON.stringify(value), value };
}
