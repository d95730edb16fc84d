import { EXECUTION_STATE } from '@invoke/contract';
import { PROCEED, refuse, type Decision } from '../decision.js';
import { isTerminal } from '../execution/execution-state.js';
import type { ExecutionRecord } from '../execution/execution-record.js';

/** What a key names already. */
export type ClaimFacts =
  | { readonly kind: 'none' }
  | { readonly kind: 'execution'; readonly record: ExecutionRecord }
  | { readonly kind: 'tombstone'; readonly tombstone: { readonly fingerprint: string } };

/**
 * What a call may do with its key: go on, get the recorded answer, wait for it, or be refused. A key that names a call with
 * other parameters is refused without showing anything of that call.
 */
export function decideClaim(facts: ClaimFacts, fingerprint: string): Decision {
  switch (facts.kind) {
    case 'none':
      return PROCEED;
    case 'tombstone':
      if (facts.tombstone.fingerprint !== fingerprint) return REUSED;
      return refuse(
        'idempotency_key_expired',
        'The call with this key was executed, and its record has been pruned. It is not executed again: use a new key for new work.',
      );
    case 'execution':
      return facts.record.fingerprint === fingerprint ? decideKnown(facts.record) : REUSED;
  }
}

const REUSED = refuse(
  'idempotency_key_reused',
  'This idempotency key already names a call with other parameters.',
);

function decideKnown(record: ExecutionRecord): Decision {
  if (isTerminal(record.state)) return { kind: 'answer', how: 'replay' };
  switch (record.state) {
    case EXECUTION_STATE.unknown:
    case EXECUTION_STATE.reconciling:
    case EXECUTION_STATE.needs_review:
    case EXECUTION_STATE.awaiting_approval:
      return { kind: 'answer', how: 'current' };
    default:
      return { kind: 'answer', how: 'attach' };
  }
}

/** The refusal of a duplicate whose original is still being executed and that did not ask to wait. */
export function inProgress(record: ExecutionRecord): Decision & { kind: 'refuse' } {
  return refuse('idempotency_in_progress', `The call with this key is being executed as ${record.id}.`, {
    details: { execution_id: record.id, location: `/v1/executions/${record.id}`, retry_after: 1 },
  });
}
