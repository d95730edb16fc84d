import {
  APPROVAL_STATE,
  ApprovalView,
  ApproveRequest,
  DecisionAnswer,
  RejectRequest,
  ResolveRequest,
} from '@invoke/contract';
import { DEFAULT_CONFIG, parseWith, type Decided, type DecisionInput, type Engine } from '@invoke/core';
import { nextApprovalOf, presentExecution, toApprovalView, type ApprovalRecord } from '@invoke/core/domain';
import { z } from 'zod';
import { eventStream } from '../http/event-stream.js';
import { parseResult } from '../http/execution-to-reply.js';
import { parsePage, toCursor } from '../http/page.js';
import { waitMsOf } from '../http/prefer.js';
import { json, problem, problemOf, type Reply } from '../http/reply.js';
import type { KeyedRoute, RouteContext } from '../route.js';
import type { Principal } from '@invoke/core';

const NOT_FOUND = 'There is no such approval within the limits of this key.';

const ApprovalsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(256).optional(),
  status: z.enum(APPROVAL_STATE).optional(),
  agent_id: z.string().max(128).optional(),
});

/** GET /approvals: newest first. */
export const listApprovals: KeyedRoute = {
  method: 'get',
  path: '/approvals',
  summary: 'List approvals and reviews, newest first',
  access: ['approvals:read'],
  query: ApprovalsQuery,
  answers: {
    200: {
      description:
        'One page of those that the limits of the key reach. `next_cursor` is null on the last one.',
      schema: z.object({ approvals: z.array(ApprovalView), next_cursor: z.string().nullable() }),
    },
  },
  async handle({ engine, principal, incoming, requestId }) {
    const page = parsePage(ApprovalsQuery, incoming, ['appr_']);
    if (page.kind === 'refused') return problem(page.refusal, { requestId });
    const { limit, status, agent_id: agentId } = page.value.query;
    const { records, next } = await engine.approvals(principal, {
      limit,
      before: page.value.before[0] ?? null,
      state: status ?? null,
      agentId: agentId ?? null,
    });
    return json(200, {
      approvals: records.map((r) => view(engine, r)),
      next_cursor: next === null ? null : toCursor(next),
    });
  },
};

/** GET /approvals/{id}. Reading never decides. */
export const getApproval: KeyedRoute = {
  method: 'get',
  path: '/approvals/{id}',
  summary: 'Read an approval: what is frozen, its digest, and what has changed',
  access: ['approvals:read'],
  answers: {
    200: { description: 'The approval as it stands.', schema: z.object({ approval: ApprovalView }) },
    404: { description: 'There is no such approval, or it is not yours to see.' },
  },
  async handle({ engine, principal, params, requestId }) {
    const record = await engine.approval(principal, params['id'] ?? '');
    if (record === null) return problemOf('not_found', NOT_FOUND, requestId);
    return json(200, { approval: view(engine, record) });
  },
};

/** GET /approvals/{id}/events: tells each change, until the approval is decided. */
export const watchApproval: KeyedRoute = {
  method: 'get',
  path: '/approvals/{id}/events',
  summary: 'Follow an approval until it is decided (server-sent events)',
  access: ['approvals:read', 'tools:call'],
  answers: {
    200: { description: 'A stream of events `approval`, each with the approval as JSON.' },
    404: { description: 'There is no such approval, or it is not yours to see.' },
    429: { description: 'This key has too many streams open already.' },
  },
  async handle({ engine, principal, params, requestId, apiKey, streams }) {
    const id = params['id'] ?? '';
    const record = await engine.approval(principal, id);
    if (record === null || !mayWatch(principal, record)) {
      return problemOf('not_found', NOT_FOUND, requestId);
    }
    const seat = streams.take(principal.keyId);
    if (seat.kind === 'refused') return problem(seat.refusal, { requestId });
    const look = async () => {
      // The key may be revoked while its owner watches.
      if ((await engine.authorize(apiKey, null)).kind === 'refused') return null;
      const now = await engine.approval(principal, id);
      return now === null
        ? null
        : { data: JSON.stringify(view(engine, now)), final: now.state !== APPROVAL_STATE.pending };
    };
    return eventStream('approval', look, seat.leave);
  },
};

/** Who may read all approvals, and who asked for this one. */
function mayWatch(principal: Principal, record: ApprovalRecord): boolean {
  return (
    principal.scopes === null ||
    principal.scopes.has('approvals:read') ||
    record.requestedBy === principal.keyId
  );
}

const DECISION_ANSWERS = {
  200: { description: 'What the decision came to: see `outcome`.', schema: DecisionAnswer },
  403: { description: 'Who asked for a call cannot decide on it.' },
  404: { description: 'There is no such approval, or it is not yours to decide.' },
  409: {
    description:
      'It is decided already, the digest is another one, state is needed, or the entity has moved.',
  },
};

export const approveApproval: KeyedRoute = {
  method: 'post',
  path: '/approvals/{id}/approve',
  summary: 'Approve what is frozen; it is held against the world as it is now before anything is sent',
  access: ['approvals:write'],
  body: ApproveRequest,
  answers: DECISION_ANSWERS,
  handle: (context) => decide(context, ApproveRequest, (input) => context.engine.approve(input)),
};

export const rejectApproval: KeyedRoute = {
  method: 'post',
  path: '/approvals/{id}/reject',
  summary: 'Reject what is frozen',
  access: ['approvals:write'],
  body: RejectRequest,
  answers: DECISION_ANSWERS,
  handle: (context) => decide(context, RejectRequest, (input) => context.engine.reject(input)),
};

export const resolveApproval: KeyedRoute = {
  method: 'post',
  path: '/approvals/{id}/resolve',
  summary: 'Say what became of a call that could not be settled: applied, not_applied or retry',
  access: ['approvals:write'],
  body: ResolveRequest,
  answers: DECISION_ANSWERS,
  handle: (context) => decide(context, ResolveRequest, (input) => context.engine.resolve(input)),
};

type Deciding = RouteContext & { readonly principal: Principal };

async function decide<Request>(
  { engine, principal, params, body, incoming, requestId }: Deciding,
  schema: z.ZodType<Request>,
  act: (input: DecisionInput<Request>) => Promise<Decided>,
): Promise<Reply> {
  const id = params['id'] ?? '';
  if ((await engine.approval(principal, id)) === null) {
    return problemOf('not_found', NOT_FOUND, requestId);
  }
  const parsed = parseWith(schema, body);
  if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
  const preferred = waitMsOf(incoming.header('prefer'));
  const waitMs = preferred === 0 ? DEFAULT_CONFIG.callDeadlineMs : preferred;
  const decided = await act({ principal, id, request: parsed.value, waitMs });
  if (decided.kind === 'refused') {
    const executionId = decided.executionId;
    return problem(decided.refusal, { requestId, ...(executionId === null ? {} : { executionId }) });
  }
  return json(200, toDecisionAnswer(decided));
}

function toDecisionAnswer({
  outcome,
  approval,
  execution,
  reason,
  drift,
}: Extract<Decided, { kind: 'decided' }>): DecisionAnswer {
  const { status, success } = presentExecution(execution, false);
  return {
    success: outcome === 'executed' ? success : true,
    status: outcome,
    outcome,
    approval_id: approval.id,
    next_approval_id: nextApprovalOf(approval, execution),
    execution_id: execution.id,
    execution_status: status,
    result: execution.resultText === null ? null : parseResult(execution.resultText),
    reason,
    drift: [...drift],
  };
}

function view(engine: Engine, record: ApprovalRecord): ApprovalView {
  return toApprovalView(record, engine.sensitiveOf(record));
}
