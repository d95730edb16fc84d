import { EXECUTION_STATE, type Refusal } from '@invoke/contract';
import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import { presentExecution, type PublicOutcome } from '../domain/execution/present-execution.js';
import { isTerminal } from '../domain/execution/execution-state.js';
import { inProgress } from '../domain/idempotency/decide-claim.js';
import type { CallContext } from './context.js';
import type { EngineDeps } from './deps.js';
import type { Drivers } from './drivers.js';
import { sleep } from './timers.js';

/** What a call is answered with, before it is put into the words of HTTP or MCP. */
export type CallAnswer =
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly traceId: string }
  | {
      readonly kind: 'execution';
      readonly record: ExecutionRecord;
      readonly outcome: PublicOutcome;
      /** The recorded answer of an earlier call with the same key. */
      readonly replayed: boolean;
    };

/** The answer to the caller whose call this is. */
export function answerOwn(ctx: CallContext, { store }: EngineDeps): CallAnswer | Promise<CallAnswer> {
  if (ctx.run === null) throw new Error('a call that was claimed has a run');
  const { lost, record: known } = ctx.run;
  if (!lost) return answerFresh(known);
  /* Somebody else has settled it or goes on with it: they know more. */
  return store.executions.find(known.tenant, known.id).then(
    (found) => answerFresh(found ?? known),
    () => answerFresh(known),
  );
}

function answerFresh(record: ExecutionRecord): CallAnswer {
  return { kind: 'execution', record, outcome: presentExecution(record, true), replayed: false };
}

/** The answer to a call that was stopped before it became an execution of its own. */
export async function answerStopped(
  ctx: CallContext,
  drivers: Drivers,
  deps: EngineDeps,
): Promise<CallAnswer> {
  const { stop, known, traceId } = ctx;
  if (stop?.kind === 'refused') return { kind: 'refused', refusal: stop.refusal, traceId };
  if (stop === null || known === null) throw new Error('a stopped call is refused or has a known execution');
  // Nobody waits on an open connection for a human: clients ask for the end of the approval, not of the call.
  const waits = ctx.input.attachMs > 0 && known.state !== EXECUTION_STATE.awaiting_approval;
  if (stop.how === 'replay' || (stop.how === 'current' && !waits)) return answerKnown(known);
  const ended = await awaitEnd(known, ctx.input.attachMs, { drivers, deps });
  if (stop.how === 'current' || isTerminal(ended.state) || ended.state === 'needs_review')
    return answerKnown(ended);
  return { kind: 'refused', refusal: inProgress(ended).refusal, traceId };
}

function answerKnown(record: ExecutionRecord): CallAnswer {
  return {
    kind: 'execution',
    record,
    outcome: presentExecution(record, false),
    replayed: isTerminal(record.state),
  };
}

const POLL_MS = 200;

/**
 * The execution once it has ended, or as it stands when `ms` are over or this gateway shuts down: it may be driven here or by
 * another gateway.
 */
export async function awaitEnd(
  record: ExecutionRecord,
  ms: number,
  { drivers, deps }: { readonly drivers: Drivers; readonly deps: EngineDeps },
): Promise<ExecutionRecord> {
  const until = deps.clock.monotonic() + ms;
  let current = record;
  while (!isTerminal(current.state) && current.state !== 'needs_review') {
    const left = until - deps.clock.monotonic();
    if (left <= 0 || deps.closing()) break;
    if (!(await drivers.settled(current.id, left))) await sleep(Math.min(POLL_MS, left), deps.clock);
    current = (await deps.store.executions.find(record.tenant, record.id)) ?? current;
  }
  return current;
}
