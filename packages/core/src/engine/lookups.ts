import { CERTAINTY, type JsonObject } from '@invoke/contract';
import { classifyCertainty } from '../domain/execution/certainty.js';
import { eventsToLookUp } from '../domain/execution/events-to.js';
import type { ExecutionRecord, Lookup } from '../domain/execution/execution-record.js';
import { lastAttempt, lookupsOfLast, withLookup, withVerdict } from '../domain/execution/journal.js';
import type { ReconcileVerdict } from '../domain/execution/next-step.js';
import { invariant } from '../domain/invariant.js';
import { compileConditions } from '../domain/policy/conditions.js';
import { DEFAULT_LOOKUP_PLAN, type ReconcileFacts } from '../domain/reconcile/decide-reconcile.js';
import { decideOwnership } from '../domain/reconcile/decide-ownership.js';
import { stateOfAnswer } from '../domain/reconcile/state-of-answer.js';
import { durationMs, type DurationMs } from '../domain/time.js';
import { valueAt } from '../domain/tool/find-fields.js';
import type { ToolDefinition } from '../domain/tool/tool-definition.js';
import { redactText } from '../domain/trace/redact.js';
import type { EngineDeps } from './deps.js';
import { downstreamKeyOf } from './downstream-key.js';
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
  const tool = run.lookupTool;
  invariant(tool !== null, 'a lookup is declared');
  const seen = await look({ record: run.record, tool, traceparent, mayStillSend: () => !run.lost }, deps);
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

/** What one look has shown. */
export interface Seen {
  readonly verdict: Lookup['verdict'];
  readonly evidence: string;
  readonly stateText: string | null;
  /** How often the call took effect, where the tool that is asked counts that. */
  readonly effects: number | null;
}

export interface Look {
  readonly record: ExecutionRecord;
  /** The read tool. */
  readonly tool: ToolDefinition;
  readonly traceparent: string | null;
  readonly mayStillSend: () => boolean;
}

/** Asks once what became of a call, and judges the answer by what the call's lookup declares. */
export async function look(
  { record, tool, traceparent, mayStillSend }: Look,
  deps: EngineDeps,
): Promise<Seen> {
  const spec = record.request.reconcile;
  invariant(spec !== null, 'a lookup is declared');
  const { params } = spec.state_refetch;
  const reply = await readOnce({ tool, params, executionId: record.id, traceparent, mayStillSend }, deps);
  if (reply === null) return unclear(`no answer within ${tool.card.timeout_ms} ms`);
  if (reply.kind === 'answer' && spec.absent_statuses?.includes(reply.status ?? 0)) {
    return { ...absent(`status ${reply.status}`), effects: 0 };
  }
  const { certainty, message } = classifyCertainty(reply, { card: tool.card, canLookUp: false });
  if (reply.kind !== 'answer' || certainty !== CERTAINTY.effect) return unclear(message);
  const state = stateOfAnswer(reply.value);
  return state.kind === 'none' ? unclear(state.why) : judgeState(state.state, record, deps);
}

function judgeState(state: JsonObject, record: ExecutionRecord, deps: EngineDeps): Seen {
  const { reconcile } = record.request;
  const compiled = compileConditions(reconcile?.conditions ?? {}, deps.language);
  if (compiled.kind === 'error') return unclear(compiled.message);
  const reference = downstreamKeyOf(record.id, record.tool, deps);
  const owned = decideOwnership(state, { at: reconcile?.reference_at, reference });
  if (owned.kind !== 'ours') return owned.kind === 'unclear' ? unclear(owned.why) : absent(owned.why);
  const report = compiled.evaluate(state);
  const effects = countEffects(state, reconcile?.effects_at);
  const evidence = shorten(
    report.fields.map((f) => `${f.field} is ${JSON.stringify(f.actual) ?? 'missing'}`).join(', '),
  );
  switch (report.verdict) {
    case 'true':
      return { verdict: 'applied', evidence, stateText: JSON.stringify(state), effects };
    case 'false':
      return { ...absent(evidence), effects };
    case 'unknown':
      return { ...unclear(evidence), effects };
  }
}

function countEffects(state: JsonObject, at: string | undefined): number | null {
  const counted = at === undefined ? undefined : valueAt(state, at);
  if (Array.isArray(counted)) return counted.length;
  return typeof counted === 'number' ? counted : null;
}

function absent(why: string): Seen {
  return { verdict: 'absent', evidence: shorten(why), stateText: null, effects: null };
}

function unclear(why: string): Seen {
  return { verdict: 'unclear', evidence: shorten(why), stateText: null, effects: null };
}

const LONGEST_EVIDENCE = 500;

function shorten(text: string): string {
  const clean = redactText(text);
  return clean.length <= LONGEST_EVIDENCE ? clean : `${clean.slice(0, LONGEST_EVIDENCE)}...`;
}
