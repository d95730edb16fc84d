import { ATTEMPT_STATE } from '@invoke/contract';
import type { ToolName } from './cards.js';
import type { StoredExecution } from './evidence.js';

/** What has to be recorded of an attempt before another one may follow that its tool does not recognise as the same. */
const PROVEN: readonly string[] = [
  ATTEMPT_STATE.not_sent,
  ATTEMPT_STATE.rejected,
  ATTEMPT_STATE.confirmed_absent,
];

interface StoredAttempt {
  readonly n: number;
  readonly tool: string;
  readonly state: string;
}

/**
 * Attempts that were begun though nothing proves that the ones before had no effect, by the gateway's own account: a world that
 * was kind to them does not make them allowed (I8). Reads may be repeated, and so may what honours our key, at the same tool.
 */
export function unprovenAttempts({ tool, journal }: StoredExecution): readonly string[] {
  if (tool === 'read' || journal === '') return [];
  const { attempts } = JSON.parse(journal) as { readonly attempts: readonly StoredAttempt[] };
  return attempts.flatMap((next, i) =>
    attempts
      .slice(0, i)
      .filter((before) => before.tool !== next.tool || nameOf(before.tool) !== 'keyed')
      .filter((before) => !PROVEN.includes(before.state))
      .map(
        ({ n, state }) => `attempt ${next.n} at ${nameOf(next.tool)} follows attempt ${n}, which is ${state}`,
      ),
  );
}

/** Without the name of its provider. */
export function nameOf(tool: string): ToolName {
  return tool.split('.').at(-1) as ToolName;
}
