import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import { createContext, type CallContext } from './context.js';
import type { EngineDeps } from './deps.js';

/** A call in the middle of its life. Its caller is gone, and so is the key: what it may do was decided when it was accepted. */
export function resumedContext(
  record: ExecutionRecord,
  requestId: string,
  { clock }: EngineDeps,
): CallContext {
  const { tool, request } = record;
  const input = {
    credential: { kind: 'key', raw: '' },
    request: { tool, params: request.params },
    requestId,
    traceparent: null,
    attachMs: 0,
  } as const;
  return createContext(input, record.traceId, clock.now());
}
