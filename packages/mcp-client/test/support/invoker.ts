import type { ToolInvoker } from '@invoke/core/ports';
import { createToolInvoker, type ToolInvokerOptions } from '../../src/index.js';
import { silentLog } from './tool-call.js';

/** An invoker with loopback open, closed at the end of the test. */
export function openInvoker(more: Partial<ToolInvokerOptions> = {}): ToolInvoker & AsyncDisposable {
  const invoker = createToolInvoker({
    allowLoopback: true,
    secrets: () => undefined,
    log: silentLog,
    ...more,
  });
  return Object.assign(invoker, { [Symbol.asyncDispose]: () => invoker.close() });
}
