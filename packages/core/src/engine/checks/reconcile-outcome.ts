import type { ReconcileAnswer, ReconcileRequest } from '@invoke/contract';
import type { Lookup } from '../../domain/execution/execution-record.js';
import type { ReconcileVerdict } from '../../domain/execution/next-step.js';
import { keyText } from '../../domain/idempotency/key-material.js';
import type { ConditionReport } from '../../domain/policy/conditions.js';
import {
  decideReconcile,
  DEFAULT_LOOKUP_PLAN,
  type LookupPlan,
} from '../../domain/reconcile/decide-reconcile.js';
import { durationMs } from '../../domain/time.js';
import { allows } from '../../domain/tool/decide-tool.js';
import { decideOutcome, type KnownExecution } from '../../domain/verify/decide-outcome.js';
import type { CurrentState } from '../../domain/verify/decide-verify.js';
import { describeField, verifyFields } from '../../domain/verify/verify-fields.js';
import { DEFAULT_ENV } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { decideRefetch, readState, type Reader } from '../read-state.js';
import { sleep } from '../timers.js';
import { admit, type Admitted, type Asking, type Checked } from './check-request.js';
import { beginCheckTrace, endRefused, type CheckTrace } from './check-trace.js';
import { toCurrent } from './verify-state.js';

/**
 * Finds out whether an action with an unknown outcome happened, by the same rules as after a call of ours: found is found;
 * absent counts after several clean reads one after the other; a read that fails proves nothing.
 */
export async function reconcileOutcome(
  request: ReconcileRequest,
  asking: Asking,
  deps: EngineDeps,
): Promise<Checked<ReconcileAnswer>> {
  const { principal, meta } = asking;
  const action = typeof request.action === 'string' ? { intent: request.action } : request.action;
  const subject = { check: 'outcomes.reconcile', intent: action.intent, request };
  const trace = beginCheckTrace(subject, asking, deps);
  const admitted = admit(request, { principal, scope: 'outcomes:reconcile' }, deps.language);
  if (admitted.kind === 'refused') return endRefused(trace, admitted.refusal);
  const { traceparent } = meta;
  const reader: Reader = { principal, context: request, traceparent, under: 'outcomes:reconcile' };
  const usable =
    request.state_refetch === undefined ? null : decideRefetch(request.state_refetch, reader, deps);
  if (usable?.kind === 'refused') return endRefused(trace, usable.refusal);
  const key = 'idempotency_key' in action ? action.idempotency_key : undefined;
  const known = key === undefined ? null : await knownExecution(key, { asking, env: request.env }, deps);
  const found = await lookUp({ request, reader, conditions: admitted.conditions, trace }, deps);
  const fields = found.report === null ? [] : fieldsOf(found.report, found.current);
  const { intent } = action;
  const { verdict, why } = found;
  const outcome = decideOutcome({ intent, claimed: request.outcome, verdict, fields, why, known });
  trace.note('outcome_decided', outcome.decision, outcome.reason);
  trace.end({ status: outcome.status, refusal: null });
  const answer: ReconcileAnswer = {
    success: outcome.status !== 'unknown',
    ...outcome,
    current_state: found.current.kind === 'known' ? found.current.state : null,
    fields,
    trace_id: trace.traceId,
  };
  return { kind: 'answer', answer };
}

interface LookUp {
  readonly request: ReconcileRequest;
  readonly reader: Reader;
  readonly conditions: Extract<Admitted, { kind: 'ok' }>['conditions'];
  readonly trace: CheckTrace;
}

interface Found {
  readonly verdict: ReconcileVerdict;
  /** What was seen last. */
  readonly current: CurrentState;
  readonly report: ConditionReport | null;
  readonly why: string;
}

/** Looks until it is clear, or until looking further is of no use. */
async function lookUp({ request, reader, conditions, trace }: LookUp, deps: EngineDeps): Promise<Found> {
  const plan = planOf(request);
  const untilMono = deps.clock.monotonic() + deps.config.callDeadlineMs;
  const lookups: Lookup[] = [];
  let current = toCurrent(request, null);
  let report: ConditionReport | null = null;
  for (;;) {
    const step = decideReconcile({ plan, settleLeftMs: durationMs(0), lookups });
    const late = deps.clock.monotonic() > untilMono;
    if (step.kind === 'verdict' || late) {
      const verdict = step.kind === 'verdict' ? step.verdict : 'cannot_tell';
      const why = report?.verdict === 'false' ? tooFew(plan) : whyOf(current, report);
      return { verdict, current, report, why };
    }
    // What the caller says does not change while it is looked at again.
    if (request.state_refetch !== undefined) await sleep(step.waitMs, deps.clock);
    current = await look(request, reader, deps);
    report = current.kind === 'known' ? conditions.evaluate(current.state) : null;
    const lookup = toLookup({ n: lookups.length + 1, at: deps.clock.now() }, current, report);
    lookups.push(lookup);
    trace.note('outcome_looked_up', lookup.verdict, lookup.evidence);
  }
}

/**
 * An action that Invoke did not execute has no settle time that we could know. How often it is looked at is bounded, since
 * somebody waits for the answer. What the caller says itself is one look; two looks at the same words are not two.
 */
function planOf({ min_absent_reads: asked, state_refetch }: ReconcileRequest): LookupPlan {
  const onlyTold = state_refetch === undefined;
  const minAbsentReads = asked ?? (onlyTold ? 1 : DEFAULT_LOOKUP_PLAN.minAbsentReads);
  return { settleMs: 0, minAbsentReads, maxReads: onlyTold ? 1 : minAbsentReads + UNCLEAR_READS };
}

const UNCLEAR_READS = 2;

async function look(request: ReconcileRequest, reader: Reader, deps: EngineDeps): Promise<CurrentState> {
  if (request.state_refetch === undefined) return toCurrent(request, null);
  const read = await readState(request.state_refetch, reader, deps);
  return read.kind === 'refused' ? { kind: 'unknown', why: read.refusal.message } : toCurrent(request, read);
}

function toLookup(
  { n, at }: Pick<Lookup, 'n' | 'at'>,
  current: CurrentState,
  report: ConditionReport | null,
): Lookup {
  const about = { n, attempt: 1, at, settled: true, evidence: whyOf(current, report) };
  switch (report?.verdict) {
    case 'true':
      return { ...about, verdict: 'applied' };
    case 'false':
      return { ...about, verdict: 'absent' };
    default:
      return { ...about, verdict: 'unclear' };
  }
}

function whyOf(current: CurrentState, report: ConditionReport | null): string {
  if (current.kind === 'unknown') return current.why;
  if (report === null) return 'nobody has looked';
  return (
    fieldsOf(report, current)
      .flatMap((f) => describeField(f) ?? [])
      .join('; ') || 'all conditions hold'
  );
}

function tooFew({ minAbsentReads }: LookupPlan): string {
  return `it is absent, but was not seen absent ${minAbsentReads} times in a row`;
}

function fieldsOf({ fields }: ConditionReport, current: CurrentState): ReturnType<typeof verifyFields> {
  const state = current.kind === 'known' ? current.state : null;
  return verifyFields({ required: [], assumed: {}, conditions: fields, current: state });
}

/** The execution that a key names, to a caller who may still call its tool. */
async function knownExecution(
  key: string,
  { asking, env }: { readonly asking: Asking; readonly env: string | undefined },
  { store, digest, tools }: EngineDeps,
): Promise<KnownExecution | null> {
  const { tenant, allowedTools } = asking.principal;
  const recalled = await store.executions.recall(digest.sha256(keyText(tenant, env ?? DEFAULT_ENV, key)));
  if (recalled.kind !== 'execution') return null;
  const { id, state, tool } = recalled.record;
  const found = tools.catalogue().find(tenant, tool);
  const visible =
    allowedTools === null ||
    (found.kind === 'found' ? allows(allowedTools, found.tool) : allowedTools.has(tool));
  return visible ? { id, state } : null;
}
