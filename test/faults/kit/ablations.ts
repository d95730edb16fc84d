import type { ToolReply } from '@invoke/core/domain';
import type { Store, ToolInvoker } from '@invoke/core/ports';
import type { GatewayPorts } from '@invoke/gateway';
import { believing, checkingEarly, fromAnyVersion, withExecutions } from '../../support/take-away.js';
import { sleep } from './sleep.js';

/**
 * What can be taken away from a gateway. `fenced` is the product as it is. `no-settle` is not here: it is a card that
 * declares no settle time.
 */
export const MODES = ['fenced', 'naive', 'no-settle', 'early-check', 'no-epoch', 'no-token'] as const;
export type Mode = (typeof MODES)[number];

/** Takes something away by a wrapper. The gateway itself is the real one. */
export function ablate(mode: Mode, ports: GatewayPorts): GatewayPorts {
  switch (mode) {
    case 'fenced':
    case 'no-settle':
      return ports;
    case 'naive':
      return { ...ports, store: withoutClaims(ports.store), invoker: hopeful(ports.invoker) };
    case 'early-check':
      return { ...ports, invoker: checkingEarly(ports.invoker) };
    case 'no-epoch':
      return { ...ports, store: fromAnyVersion(ports.store) };
    case 'no-token':
      return { ...ports, store: believing(ports.store, sleep) };
  }
}

/** No key names anything: every request is a call of its own. */
function withoutClaims(store: Store): Store {
  return withExecutions(store, {
    recall: () => Promise.resolve({ kind: 'none' }),
    claim: (record) => store.executions.claim({ ...record, keyDigest: null }),
  });
}

/** What looks like a failure is one, and may be tried again. */
function hopeful(invoker: ToolInvoker): ToolInvoker {
  return {
    async invoke(call) {
      const reply = await Promise.race([invoker.invoke(call), silence(call.tool.card.timeout_ms)]);
      return reply.kind === 'answer' && reply.status === 200 ? reply : NOT_SENT;
    },
    close: () => invoker.close(),
  };
}

const NOT_SENT: ToolReply = {
  kind: 'failure',
  sent: false,
  reason: 'connect_failed',
  message: 'it looks as if it had failed',
};

/** A little less than the time after which the gateway would call it unknown by itself. */
function silence(timeoutMs: number): Promise<ToolReply> {
  return new Promise((resolve) => setTimeout(() => resolve(NOT_SENT), timeoutMs * 0.9));
}
