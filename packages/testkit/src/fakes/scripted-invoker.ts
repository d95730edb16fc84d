import type { ToolReply } from '@invoke/core/domain';
import type { Clock, ToolCall, ToolInvoker } from '@invoke/core/ports';

/** What one call of the script does: `effect` counts as done, `reply` is what comes back, after `afterMs`. */
export interface ScriptedReply {
  readonly effect?: boolean;
  readonly reply: ToolReply | ((call: ToolCall) => ToolReply);
  readonly afterMs?: number;
  /** How long it takes until bytes can be written. */
  readonly connectMs?: number;
}

export interface ScriptedInvoker extends ToolInvoker {
  /** What the next calls of a tool do, one after the other; the last one is repeated. */
  script(tool: string, ...replies: ScriptedReply[]): void;
  readonly calls: readonly ToolCall[];
  /** How often a tool took effect: the outside world's own count. */
  effects(tool: string): number;
}

/** A tool server that does what a test says, and counts what it did. */
export function createScriptedInvoker(clock: Clock): ScriptedInvoker {
  const scripts = new Map<string, ScriptedReply[]>();
  const effects = new Map<string, number>();
  const calls: ToolCall[] = [];
  const pause = (ms: number) => new Promise<void>((resolve) => clock.schedule(ms, resolve));
  return {
    calls,
    script: (tool, ...replies) => void scripts.set(tool, replies),
    effects: (tool) => effects.get(tool) ?? 0,
    async invoke(call) {
      const { id } = call.tool;
      const script = scripts.get(id) ?? [];
      const next = script.length > 1 ? script.shift() : script[0];
      if (next === undefined)
        return { kind: 'failure', sent: false, reason: 'dns', message: `no script for ${id}` };
      await pause(next.connectMs ?? 0);
      if (!call.mayStillSend()) return { kind: 'failure', sent: false, reason: 'fenced', message: 'fenced' };
      calls.push(call);
      if (next.effect === true) effects.set(id, (effects.get(id) ?? 0) + 1);
      await pause(next.afterMs ?? 0);
      return typeof next.reply === 'function' ? next.reply(call) : next.reply;
    },
    close: () => Promise.resolve(),
  };
}

export function answered(
  value: unknown,
  more: { status?: number | null; isError?: boolean } = {},
): ToolReply {
  return { kind: 'answer', status: null, isError: false, text: JSON.stringify(value), value, ...more };
}

export const REFUSED_CONNECTION: ToolReply = {
  kind: 'failure',
  sent: false,
  reason: 'connection_refused',
  message: 'refused',
};
export const LOST_CONNECTION: ToolReply = {
  kind: 'failure',
  sent: true,
  reason: 'connection_lost',
  message: 'reset',
};
