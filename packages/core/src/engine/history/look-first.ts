import { classifyCertainty } from '../../domain/execution/certainty.js';
import { lastAttempt, withLastEnded, withLookup, withNote } from '../../domain/execution/journal.js';
import { DEFAULT_LOOKUP_PLAN } from '../../domain/reconcile/decide-reconcile.js';
import { invariant } from '../../domain/invariant.js';
import { startSettling, toolOfLast } from '../begin-run.js';
import type { EngineDeps } from '../deps.js';
import { acceptVerdict, look } from '../lookups.js';
import type { Run } from '../run.js';
import { sleep } from '../timers.js';

/**
 * Looks whether a call was made before, in a past that the store has lost, and waits until what may have been under way then
 * has settled. Where it was made, or where that cannot be told, the attempt counts as one of which nothing is known; where it
 * was not, it is sent.
 */
export async function lookFirst(run: Run, traceparent: string | null, deps: EngineDeps): Promise<void> {
  run.lookFirst = false;
  const tool = toolOfLast(run);
  const settleMs = run.record.request.reconcile?.settle_ms ?? DEFAULT_LOOKUP_PLAN.settleMs;
  await sleep(tool.card.timeout_ms + settleMs - deps.history.changedAgoMs(), deps.clock);
  const at = deps.clock.now();
  const { lookupTool } = run;
  invariant(lookupTool !== null, 'a lookup is declared');
  const { verdict, evidence, stateText } = await look(
    { record: run.record, tool: lookupTool, traceparent, mayStillSend: () => !run.lost },
    deps,
  );
  const attempt = lastAttempt(run.journal)?.n ?? 0;
  const n = run.journal.lookups.length + 1;
  // Made before the attempt was sent: it proves nothing about that.
  run.journal = withLookup(run.journal, { n, attempt, at, settled: false, verdict, evidence });
  if (verdict === 'absent') return startSettling(run, tool, deps);
  run.unsent = false;
  run.journal = withNote(run.journal, { step: 'looked_first', at, detail: `${verdict}: ${evidence}` });
  run.heard = {
    judgement: classifyCertainty(MADE_BEFORE, { card: tool.card, canLookUp: true }),
    resultText: null,
  };
  run.journal = withLastEnded(run.journal, { certainty: 'unknown', reason: 'history_lost', endedAt: at });
  if (verdict !== 'applied') return;
  run.evidence = stateText;
  acceptVerdict(run, 'applied');
}

const MADE_BEFORE = {
  kind: 'failure',
  sent: true,
  reason: 'connection_lost',
  message: 'the database has gone back, and this call may have been made before',
} as const;
