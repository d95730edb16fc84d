import type { CallRequest, PreflightView, Refusal } from '@invoke/contract';
import { agentOf } from '../../domain/access/decide-scope.js';
import { isMadeByClient } from '../../domain/idempotency/key-material.js';
import { NO_HISTORY, toHistory, type CallHistory } from '../../domain/preflight/call-history.js';
import { safeKeyText, toSafeKey } from '../../domain/preflight/safe-key.js';
import { scoreRisk } from '../../domain/preflight/score-risk.js';
import { toAdvice } from '../../domain/preflight/to-advice.js';
import { allows } from '../../domain/tool/decide-tool.js';
import { classifyTool } from '../../domain/tool/tool-class.js';
import type { ToolDefinition } from '../../domain/tool/tool-definition.js';
import { createContext, type CallContext, type CallInput } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { runPipeline } from '../run-pipeline.js';
import { findOverdraft } from './find-overdraft.js';

export interface PreflightInput extends CallInput {
  /** Whether to judge the call as it would be with the fixes that change nothing of what it does. */
  readonly applySafeFixes: boolean;
}

export type PreflightAnswer =
  | {
      readonly kind: 'view';
      readonly view: PreflightView;
      /** The call as it was judged: with the safe fixes, where they were asked for. */
      readonly request: CallRequest;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly traceId: string };

/** How many earlier calls of the same tool are looked at. */
const SIMILAR = 50;

/** Who asks must be known, and the store must answer; everything else that stands in the way of a call is the answer. */
const NO_ANSWER: readonly Refusal['code'][] = [
  'unauthenticated',
  'insufficient_scope',
  'storage_unavailable',
];

/**
 * Walks the stages before the claim, which write nothing, and tells what they say: the rules are those of a real call
 * because they are the same code.
 */
export async function preflight(input: PreflightInput, deps: EngineDeps): Promise<PreflightAnswer> {
  const first = await walk(input, deps);
  const suggestedKey = suggestKey(first, deps);
  const fixed =
    input.applySafeFixes && suggestedKey !== null
      ? { ...input, request: { ...input.request, idempotency_key: suggestedKey } }
      : null;
  const ctx = fixed === null ? first : await walk(fixed, deps);
  const { request } = ctx.input;
  if (ctx.stop?.kind === 'refused' && NO_ANSWER.includes(ctx.stop.refusal.code)) {
    return { kind: 'refused', refusal: ctx.stop.refusal, traceId: ctx.traceId };
  }
  const tool = visibleTool(ctx);
  const history = tool === null ? NO_HISTORY : await historyOf(ctx, tool, deps);
  const verdict = await judge(ctx, deps);
  return {
    kind: 'view',
    view: toView({ ctx, tool, history, verdict, suggestedKey, fixed: fixed !== null }),
    request,
  };
}

async function walk(input: CallInput, deps: EngineDeps): Promise<CallContext> {
  const ctx = createContext(input, deps.ids.trace(), deps.clock.now());
  await runPipeline(ctx, deps, { from: 'authenticate', until: 'claim' });
  return ctx;
}

/** A tool outside of the key's list looks as if it did not exist. */
function visibleTool({ principal, tool }: CallContext): ToolDefinition | null {
  if (principal === null || tool === null) return null;
  return principal.allowedTools === null || allows(principal.allowedTools, tool) ? tool : null;
}

/**
 * A key for a call that has none of its own and needs one. What only reads does not, nor what derives its key itself; a key
 * that a client library has made up gives way, as it does in a call.
 */
function suggestKey(ctx: CallContext, { digest }: EngineDeps): string | null {
  const { principal } = ctx;
  const { tool: action, params, agent_id: agent, idempotency_key: given } = ctx.input.request;
  const used = ctx.identity?.idempotencyKey ?? given ?? null;
  if (principal === null || used !== (given ?? null)) return null;
  if (given !== undefined && !isMadeByClient(given)) return null;
  const tool = visibleTool(ctx);
  if (tool?.card.effect === 'read') return null;
  const agentId = agentOf(principal, agent);
  return toSafeKey(digest.sha256(safeKeyText({ action: tool?.id ?? action, agentId, params })));
}

async function historyOf(
  ctx: CallContext,
  tool: ToolDefinition,
  { store }: EngineDeps,
): Promise<CallHistory> {
  const tenant = ctx.principal?.tenant;
  if (tenant === undefined) return NO_HISTORY;
  const query = { tenant, limit: SIMILAR, before: null, state: null, tool: tool.id, agentId: null };
  return toHistory(await store.executions.list(query));
}

interface Verdict extends Pick<PreflightView, 'decision'> {
  readonly refusal: Refusal | null;
  readonly approvalReason: string | null;
  /** What is told where nothing is wrong and yet nothing is executed. */
  readonly note: string | null;
}

const NOTHING = { refusal: null, approvalReason: null, note: null } as const;

async function judge(ctx: CallContext, deps: EngineDeps): Promise<Verdict> {
  const { stop, known } = ctx;
  if (stop?.kind === 'refused') return { ...NOTHING, decision: 'block', refusal: stop.refusal };
  if (stop?.kind === 'answered') {
    if (stop.how === 'replay') {
      return {
        ...NOTHING,
        decision: 'replay',
        note: `this is ${known?.id}, whose recorded answer is given again`,
      };
    }
    if (known?.state === 'awaiting_approval') {
      const approvalReason = known.outcome?.message ?? `${known.id} waits for a human already`;
      return { ...NOTHING, decision: 'require_approval', approvalReason };
    }
    return { ...NOTHING, decision: 'wait', note: `this is ${known?.id}, which is ${known?.state}` };
  }
  const overdraft = await findOverdraft(ctx, deps);
  if (overdraft !== null) return { ...NOTHING, decision: 'block', refusal: overdraft };
  return ctx.freeze === null
    ? { ...NOTHING, decision: 'execute' }
    : { ...NOTHING, decision: 'require_approval', approvalReason: ctx.freeze.reason };
}

interface Seen {
  readonly ctx: CallContext;
  readonly tool: ToolDefinition | null;
  readonly history: CallHistory;
  readonly verdict: Verdict;
  readonly suggestedKey: string | null;
  readonly fixed: boolean;
}

function toView({ ctx, tool, history, verdict, suggestedKey, fixed }: Seen): PreflightView {
  const { request } = ctx.input;
  const { refusal, approvalReason, decision, note } = verdict;
  const canLookUp =
    tool !== null && (request.failure_policy?.reconcile !== undefined || tool.card.reconcile !== undefined);
  const facts = {
    tool:
      tool === null
        ? null
        : {
            riskLevel: tool.riskLevel,
            toolClass: classifyTool(tool.card, canLookUp),
            namesEntities: tool.card.entities.length > 0,
          },
    hasKey: suggestedKey === null || request.idempotency_key !== undefined,
    hasResolution: request.entity_resolution !== undefined,
    approvalRequired: approvalReason !== null,
    refused: refusal !== null,
    history,
  };
  const risk = scoreRisk(facts);
  return {
    risk_score: risk.level,
    risk_score_numeric: risk.numeric,
    subject: { tool: tool?.id ?? request.tool, safety_class: facts.tool?.toolClass ?? 'unregistered' },
    simulation: {
      similar_traces: history.seen,
      source: tool === null ? 'none' : 'store',
      completed: history.completed,
      failed: history.failed,
      unknown: history.unknown,
    },
    ...toAdvice({
      ...facts,
      refusal,
      approvalReason,
      suggestedKey,
      keyApplied: fixed,
      escalates: request.failure_policy?.on_failure === 'escalate',
      canLookUp,
    }),
    safe_fixes: { idempotency_key: suggestedKey },
    decision,
    code: refusal?.code ?? null,
    reason: refusal?.message ?? approvalReason ?? note,
  };
}
