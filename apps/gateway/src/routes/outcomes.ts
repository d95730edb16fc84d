import { ReconcileAnswer, ReconcileRequest } from '@invoke/contract';
import { parseWith } from '@invoke/core';
import { toCheckReply } from '../http/check-to-reply.js';
import { problem } from '../http/reply.js';
import type { KeyedRoute } from '../route.js';

/** POST /outcomes/reconcile: whether an action with an unknown outcome happened. */
export const reconcileOutcome: KeyedRoute = {
  method: 'post',
  path: '/outcomes/reconcile',
  summary: 'Find out whether an action happened before it is retried',
  access: ['outcomes:reconcile'],
  body: ReconcileRequest,
  answers: {
    200: {
      description:
        'outcome_reconciled / do_not_retry, not_executed / retry_allowed, or unknown / escalate; with each condition.',
      schema: ReconcileAnswer,
    },
    403: { description: 'The key may not do this, or may not use this tool to read.' },
    422: { description: 'The request does not fit, or the tool does not only read.' },
  },
  async handle({ engine, principal, body, requestId, incoming }) {
    const parsed = parseWith(ReconcileRequest, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    const meta = { requestId, traceparent: incoming.header('traceparent') ?? null };
    return toCheckReply(await engine.reconcileOutcome(principal, parsed.value, meta), requestId);
  },
};
