import type { Checked } from '@invoke/core';
import { json, problem, type Reply } from './reply.js';

/** The answer to a request that looks and does not act. What was found out is 200, whatever it is. */
export function toCheckReply(checked: Checked<object>, requestId: string): Reply {
  return checked.kind === 'answer'
    ? json(200, checked.answer)
    : problem(checked.refusal, { requestId, traceId: checked.traceId });
}
