import type { ToolFailure, ToolReply } from '@invoke/core/domain';
import type { Log, ToolCall, ToolInvoker } from '@invoke/core/ports';
import { createCheckedConnector } from './address/checked-connector.js';
import type { EgressPolicy } from './address/egress-policy.js';
import { invokeHttp } from './http/http-invoker.js';
import { invokeMcp } from './mcp/mcp-invoker.js';
import { Upstreams } from './mcp/upstreams.js';
import { CONNECT_TIMEOUT_MS } from './wire/limits.js';
import { createPoolSet, type PoolSet } from './wire/pool-set.js';
import { toPlainMessage } from './wire/to-plain-message.js';

/** A tool that runs inside the gateway. It asks `mayStillSend` itself, as any invoker does. */
export type BuiltinHandler = (call: ToolCall) => Promise<ToolReply>;

export interface ToolInvokerOptions extends EgressPolicy {
  /** The value of a secret of the gateway by its name (`INVOKE_SECRET_...`); undefined where it is not set, or not for this tenant. */
  readonly secrets: (name: string, tenant: string) => string | undefined;
  readonly log: Log;
  /** Handlers of built-in tools, by the `handler` of their binding. */
  readonly builtins?: ReadonlyMap<string, BuiltinHandler>;
  /** The version of this gateway, as MCP servers are told. */
  readonly version?: string;
  /** Epoch milliseconds; the system's clock by default. */
  readonly now?: () => number;
}

/** Calls registered tools over MCP and plain HTTP, and built-in ones in this process. */
export function createToolInvoker(options: ToolInvokerOptions): ToolInvoker {
  const {
    secrets,
    log,
    builtins = new Map<string, BuiltinHandler>(),
    version = '0',
    now = Date.now,
  } = options;
  const pools: PoolSet = createPoolSet({ connector: createCheckedConnector(options, CONNECT_TIMEOUT_MS) });
  const upstreams = new Upstreams({ pools, log, version, now });

  function dispatch(call: ToolCall): Promise<ToolReply> {
    const { binding } = call.tool;
    switch (binding.kind) {
      case 'mcp':
        return invokeMcp(upstreams, binding, call);
      case 'http':
        return invokeHttp({ pools, secrets: (name) => secrets(name, call.tool.tenant) }, binding, call);
      case 'builtin': {
        const handler = builtins.get(binding.handler);
        return handler === undefined ? Promise.resolve(noHandler(binding.handler)) : handler(call);
      }
    }
  }

  return {
    async invoke(call) {
      let sent = false;
      const mayStillSend = (): boolean => {
        const may = call.mayStillSend();
        sent ||= may;
        return may;
      };
      try {
        return await dispatch({ ...call, mayStillSend });
      } catch (error) {
        log.error('tool_invoker_failed', {
          tool: call.tool.id,
          execution: call.executionId,
          error: String(error),
        });
        const message = error instanceof Error ? toPlainMessage(error.message) : 'the call broke off';
        return { kind: 'failure', sent, reason: 'internal', message };
      }
    },
    async close() {
      await upstreams.close();
      await pools.close();
    },
  };
}

function noHandler(name: string): ToolFailure {
  return {
    kind: 'failure',
    sent: false,
    reason: 'not_configured',
    message: `this gateway has no built-in tool ${name}`,
  };
}
