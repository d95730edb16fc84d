import { CERTAINTY } from '@invoke/contract';
import { lastAttempt } from '../domain/execution/journal.js';
import { toolOfLast } from './begin-run.js';
import type { EngineDeps } from './deps.js';
import { takeLateAnswer } from './late-answers.js';
import type { Run } from './run.js';

/**
 * This gateway has lost its lease while a call was under way, and has taken the call over again: then the answer to the attempt
 * that is in doubt still comes here, to the run before. It is waited for as long as that run would have waited, and listened to
 * as long.
 */
export async function inheritAnswer(run: Run, before: Run, deps: EngineDeps): Promise<void> {
  if (run.heard?.judgement.certainty !== CERTAINTY.unknown || !isSameAttempt(run, before)) return;
  run.late = before.answer;
  if (run.verdict !== null) return;
  const endsAt = before.attemptMono + toolOfLast(run).card.timeout_ms;
  await takeLateAnswer(run, Math.max(0, endsAt - deps.clock.monotonic()), deps);
}

function isSameAttempt(run: Run, before: Run): boolean {
  const [ours, theirs] = [lastAttempt(run.journal), lastAttempt(before.journal)];
  return ours !== null && ours.n === theirs?.n && ours.startedAt === theirs.startedAt;
}
