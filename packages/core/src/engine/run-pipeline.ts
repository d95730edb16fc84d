import type { Refusal } from '@invoke/contract';
import type { Decision } from '../domain/decision.js';
import { refuse } from '../domain/decision.js';
import { invariant } from '../domain/invariant.js';
import { PIPELINE, type StageName } from '../domain/pipeline.js';
import { StorageUnavailable } from '../ports/store.js';
import type { CallContext } from './context.js';
import type { EngineDeps } from './deps.js';
import { STAGES } from './stages/index.js';
import { recallNow } from './stages/recall.js';

/** The pipeline with its code: the list of the domain, in its order, is what runs. */
const STEPS = PIPELINE.map((descriptor) => ({ ...descriptor, run: STAGES[descriptor.name].run }));
const INDEX = new Map<StageName, number>(STEPS.map(({ name }, i) => [name, i]));

/** Rounds of execute and reconcile beyond which something is wrong: retries and reads are bounded far below. */
const MOST_ROUNDS = 500;

/**
 * Walks the stages from `from` up to and without `until`. A stage that stops the call leaves only the stages that always
 * run. This is the one place that knows what comes next.
 */
export async function runPipeline(
  ctx: CallContext,
  deps: EngineDeps,
  range: { readonly from: StageName; readonly until?: StageName },
): Promise<void> {
  const end = range.until === undefined ? STEPS.length : indexOf(range.until);
  let rounds = 0;
  let at = deps.clock.now();
  for (let i = indexOf(range.from); i < end; i += 1) {
    const step = STEPS[i];
    invariant(step !== undefined, 'the index lies within the pipeline');
    if (ctx.stop !== null && step.runs === 'until_stopped') continue;
    let decision: Decision;
    try {
      const outcome = step.run(ctx, deps);
      decision = outcome instanceof Promise ? await outcome : outcome;
      // What does not wait takes no time that a trace would show.
      if (outcome instanceof Promise) at = deps.clock.now();
    } catch (error) {
      decision = refuseUnstored(error, ctx, deps);
    }
    if (ctx.recallDue && decision.kind !== 'proceed' && (await isRecalled(ctx, deps))) continue;
    note(ctx, { step: step.name, at }, decision);
    if (decision.kind === 'repeat') {
      rounds += 1;
      invariant(rounds < MOST_ROUNDS, 'execute and reconcile come to an end');
      i = indexOf(decision.from) - 1;
    } else stop(ctx, decision);
  }
  // Whoever goes no further than this is told what its key names as well.
  if (ctx.recallDue) await isRecalled(ctx, deps);
}

function stop(ctx: CallContext, decision: Exclude<Decision, { kind: 'repeat' }>): void {
  if (decision.kind === 'refuse') ctx.stop ??= { kind: 'refused', refusal: decision.refusal };
  else if (decision.kind === 'answer') ctx.stop ??= { kind: 'answered', how: decision.how };
}

/**
 * Makes up for the look that recall has left to the claim. Where the key has the answer, the stages since then have not been
 * asked: neither what they said nor their steps are shown.
 */
async function isRecalled(ctx: CallContext, deps: EngineDeps): Promise<boolean> {
  let decision: Decision;
  try {
    decision = await recallNow(ctx, deps);
  } catch (error) {
    decision = refuseUnstored(error, ctx, deps);
  }
  if (decision.kind === 'proceed' || decision.kind === 'repeat') return false;
  ctx.steps.splice(ctx.steps.findIndex(({ step }) => step === RECALL));
  note(ctx, { step: RECALL, at: deps.clock.now() }, decision);
  stop(ctx, decision);
  return true;
}

const RECALL: StageName = 'recall';

function indexOf(name: StageName): number {
  const index = INDEX.get(name);
  invariant(index !== undefined, 'every stage has its place');
  return index;
}

/** A store that does not answer is an expected "no"; everything else that is thrown is a bug. */
function refuseUnstored(error: unknown, ctx: CallContext, deps: EngineDeps): Decision {
  if (!(error instanceof StorageUnavailable)) throw error;
  deps.log.error('storage_unavailable', {
    trace_id: ctx.traceId,
    execution_id: ctx.run?.record.id,
    why: error.message,
  });
  return refuse(
    'storage_unavailable',
    'The store does not acknowledge writes now. Nothing was sent to the tool.',
  );
}

function note(
  ctx: CallContext,
  step: { readonly step: StageName; readonly at: number },
  decision: Decision,
): void {
  if (decision.kind === 'repeat') return;
  const { step: name, at } = step;
  if (decision.kind === 'refuse') {
    ctx.steps.push({ step: name, at, status: 'stopped', detail: detailOf(decision.refusal) });
  } else ctx.steps.push({ step: name, at, status: decision.kind === 'answer' ? decision.how : 'passed' });
}

function detailOf(refusal: Refusal): string {
  return `${refusal.code}: ${refusal.message}`;
}
