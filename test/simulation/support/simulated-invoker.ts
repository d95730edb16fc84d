import type { ToolReply } from '@invoke/core/domain';
import type { Clock, ToolCall, ToolInvoker } from '@invoke/core/ports';
import type { OutsideWorld } from './outside-world.js';
import type { Fault } from './plan.js';

/** What a gateway's way to the tools needs of the world. */
export interface ToolLine {
  readonly gateway: string;
  readonly clock: Clock;
  readonly outside: OutsideWorld;
  pass(): Promise<void>;
  /** What happens at the nth request to a tool that writes. */
  faultAtSend(n: number): (Fault & { kind: 'send' }) | null;
  /** A request was not sent, because the gateway might not any more. */
  fenced(executionId: string): void;
  kill(restartMs: number): void;
  pause(ms: number): void;
}

/** Speaks to the outside world as the real invokers do: it asks for leave at the instant at which bytes are written. */
export function createSimulatedInvoker(line: ToolLine): ToolInvoker {
  return {
    async invoke(call) {
      const reply = call.tool.card.effect === 'read' ? await readFrom(call, line) : await writeTo(call, line);
      await line.pass();
      return reply;
    },
    close: () => Promise.resolve(),
  };
}

async function readFrom(call: ToolCall, line: ToolLine): Promise<ToolReply> {
  if (!call.mayStillSend()) return fence(call, line);
  return inTime(line.outside.read(call, line.gateway), call, line);
}

async function writeTo(call: ToolCall, line: ToolLine): Promise<ToolReply> {
  const { clock, outside, gateway } = line;
  const startedMs = clock.monotonic();
  const { n, fate } = outside.nextRequest();
  const fault = line.faultAtSend(n);
  await new Promise<void>((resolve) => clock.schedule(fate.connectMs, resolve));
  if (fault?.how === 'before_check') line.pause(fault.ms);
  await line.pass();
  if (fate.refused) return REFUSED;
  if (!call.mayStillSend()) return fence(call, line);
  if (fault?.how === 'after_check') line.pause(fault.ms);
  await line.pass();
  const reply = outside.receive(call, fate, { gateway, startedMs });
  if (fault?.how === 'crash_after') line.kill(fault.ms);
  return inTime(reply, call, line);
}

function fence({ executionId }: ToolCall, line: ToolLine): ToolReply {
  line.fenced(executionId);
  return FENCED;
}

function inTime(reply: Promise<ToolReply>, call: ToolCall, { clock }: ToolLine): Promise<ToolReply> {
  return new Promise((resolve) => {
    const cancel = clock.schedule(call.giveUpAfterMs, () => resolve(GIVEN_UP));
    void reply.then((value) => {
      cancel();
      resolve(value);
    });
  });
}

const FENCED: ToolReply = {
  kind: 'failure',
  sent: false,
  reason: 'fenced',
  message: 'may not send any more',
};
const REFUSED: ToolReply = {
  kind: 'failure',
  sent: false,
  reason: 'connection_refused',
  message: 'refused',
};
const GIVEN_UP: ToolReply = { kind: 'failure', sent: true, reason: 'timeout', message: 'no answer' };
