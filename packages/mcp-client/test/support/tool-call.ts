import {
  CapabilityCard,
  type CapabilityCardInput,
  type HttpBinding,
  type JsonObject,
} from '@invoke/contract';
import type { ToolBinding } from '@invoke/core/domain';
import { epochMs } from '@invoke/core/domain';
import type { Log, ToolCall } from '@invoke/core/ports';

export const silentLog: Log = { info() {}, warn() {}, error() {} };

export interface CallOptions {
  readonly params?: JsonObject;
  readonly card?: Partial<CapabilityCardInput>;
  readonly key?: string | null;
  readonly traceparent?: string | null;
  readonly mayStillSend?: () => boolean;
  readonly giveUpAfterMs?: number;
}

/** A call of a tool with this binding. */
export function aCall(binding: ToolBinding, options: CallOptions = {}): ToolCall {
  const card = CapabilityCard.parse({ name: 'tool', input_schema: { type: 'object' }, ...options.card });
  return {
    tool: {
      id: 'tool',
      key: 'test.tool',
      name: 'tool',
      tenant: 'tenant',
      provider: { id: 'prov_1', slug: 'test' },
      version: '0'.repeat(64),
      card,
      binding,
      riskLevel: 'medium',
      approvalRequired: false,
      updatedAt: epochMs(0),
    },
    params: options.params ?? {},
    executionId: 'exec_1',
    downstreamKey: options.key === undefined ? 'key-1' : options.key,
    traceparent: options.traceparent ?? null,
    mayStillSend: options.mayStillSend ?? (() => true),
    giveUpAfterMs: options.giveUpAfterMs ?? 5_000,
  };
}

export function mcp(url: string, tool = 'charge'): ToolBinding {
  return { kind: 'mcp', url, tool };
}

export function http(url: string, binding: Partial<Omit<HttpBinding, 'url'>> = {}): ToolBinding {
  return { kind: 'http', method: 'POST', headers: {}, secret_headers: {}, ...binding, url };
}
