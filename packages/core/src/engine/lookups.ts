import { CERTAINTY } from '@invoke/contract';
import { classifyCertainty } from '../domain/execution/certainty.js';
import { eventsToLookUp } from '../domain/execution/events-to.js';
import type { Lookup } from '../domain/execution/execution-record.js';
import { lastAttempt, lookupsOfLast, withLookup, withVerdict } from '../domain/execution/journal.js';
import type { ReconcileVerdict } from '../domain/execution/next-step.js';
import { invariant } from '../domain/invariant.js';
import { compileConditions } from '../domain/policy/conditions.js';
import { DEFAULT_LOOKUP_PLAN, type ReconcileFacts } from '../domain/reconcile/decide-reconcile.js';
import { stateOfAnswer } from '../domain/reconcile/state-of-answer.js';
import { durationMs, type DurationMs } from '../domain/time.js';
import { redactText } from '../domain/trace/redact.js';
import type { EngineDeps } from './deps.js';
import { readOnce } from './read-state.js';
import { write, type Run } from './run.js';

/** The facts on which the search for an outcome is decided. */
export function reconcileFacts(run: Run, { clock }: EngineDeps): ReconcileFacts {
  const spec = run.record.request.reconcile;
  return {
    plan: {
      settleMs: spec?.settle_ms ?? DEFAULT_LOOKUP_PLAN.settleMs,
      minAbsentReads: spec?.min_absent_reads ?? DEFAULT_LOOKUP_PLAN.minAbsentReads,
      maxReads: spec?.max_reads ?? DEFAULT_LOOKUP_PLAN.maxReads,
    },
    settleLeftMs: wholeMs(run.settledMono - clock.monotonic()),
    lookups: lookupsOfLast(run.journal),
  };
}

/** Timers count whole milliseconds and may fire within the last one: a look that is a hair too early proves no absence. */
function wholeMs(leftMs: number): DurationMs {
  return durationMs(leftMs <= 0 ? 0 : Math.ceil(leftMs) + 1);
}

/** Looks once and journals what was seen. False: this gateway may not go on. */
export async function lookOnce(run: Run, traceparent: string | null, deps: EngineDeps): Promise<boolean> {
  if (!(await write(run, { events: eventsToLookUp(run.record.state) }, deps))) return false;
  const at = deps.clock.now();
  const settled = deps.clock.monotonic() >= run.settledMono;
  const seen = await look(run, traceparent, deps);
  const { verdict, evidence } = seen;
  const attempt = lastAttempt(run.journal)?.n ?? 0;
  const lookup: Lookup = { n: run.journal.lookups.length + 1, attempt, at, settled, verdict, evidence };
  run.journal = withLookup(run.journal, lookup);
  if (seen.verdict === 'applied') run.evidence = seen.stateText;
  return true;
}

/** Takes a verdict back to where the next step is decided. */
export function acceptVerdict(run: Run, verdict: ReconcileVerdict): void {
  run.verdict = verdict;
  run.journal = withVerdict(run.journal, verdict);
}

export interface Seen {
  readonly verdict: Lookup['verdict'];
  readonly evidence: string;
  readonly stateText: string | null;
}

/** One read of what the outcome can be told by. */
export async function look(run: Run, traceparent: string | null, deps: EngineDeps): Promise<Seen> {
  const tool = run.lookupTool;
  const spec = run.record.request.reconcile;
  invariant(tool !== null && spec !== null, 'a lookup is declared');
  const { params } = spec.state_refetch;
  const executionId = run.record.id;
  const reply = await readOnce(
    { tool, params, executionId, traceparent, mayStillSend: () => !run.lost },
    deps,
  );
  if (reply === null) return unclear(`no answer within ${tool.card.timeout_ms} ms`);
  if (reply.kind === 'answer' && spec.absent_statuses?.includes(reply.status ?? 0)) {
    return { verdict: 'absent', evidence: `status ${reply.status}`, stateText: null };
  }
  const { certainty, message } = classifyCertainty(reply, { card: tool.card, canLookUp: false });
  if (reply.kind !== 'answer' || certainty !== CERTAINTY.effect) return unclear(message);
  return judgeState(stateOfAnswer(reply.value), run, deps);
}

function judgeState(
  state: Readonly<Record<string, unknown>> | null,
  run: Run,
  { language }: EngineDeps,
): Seen {
  if (state === null) return unclear('the answer has no fields');
  const compiled = compileConditions(run.record.request.reconcile?.conditions ?? {}, language);
  if (compiled.kind === 'error') return unclear(compiled.message);
  const report = compiled.evaluate(state);
  const evidence = shorten(
    report.fields.map((f) => `${f.field} is ${JSON.stringify(f.actual) ?? 'missing'}`).join(', '),
  );
  switch (report.verdict) {
    case 'true':
      return { verdict: 'applied', evidence, stateText: JSON.stringify(state) };
    case 'false':
      return { verdict: 'absent', evidence, stateText: null };
    case 'unknown':
      return unclear(evidence);
  }
}

function unclear(why: string): Seen {
  return { verdict: 'unclear', evidence: shorten(why), stateText: null };
}

const LONGEST_EVIDENCE = 500;

function shorten(text: string): string {
  const clean = redactText(text);
  return clean.length <= LONGEST_EVIDENCE ? clean : `${clean.slice(0, LONGEST_EVIDENCE)}...`;
}
