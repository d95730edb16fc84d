import { EXECUTION_STATE } from '@invoke/contract';
import { PROCEED, refuse, type Decision } from '../decision.js';
import { isTerminal } from '../execution/execution-state.js';
import type { ExecutionRecord } from '../execution/execution-record.js';

/** What a key names already. */
export type ClaimFacts =
  | { readonly kind: 'none' }
  | { readonly kind: 'execution'; readonly record: ExecutionRecord }
  | { readonly kind: 'tombstone'; readonly tombstone: { readonly fingerprint: string } };

/** The call that asks for the key. */
export interface ClaimingCall {
  readonly fingerprint: string;
  /** The params that its key was derived from, where the caller sent none. */
  readonly keyFields: readonly string[];
}

/**
 * What a call may do with its key: go on, get the recorded answer, wait for it, or be refused. A key that names a call with
 * other parameters is refused without showing anything of that call.
 */
export function decideClaim(facts: ClaimFacts, call: ClaimingCall): Decision {
  switch (facts.kind) {
    case 'none':
      return PROCEED;
    case 'tombstone':
      if (facts.tombstone.fingerprint !== call.fingerprint) return reused(call);
      return refuse(
        'idempotency_key_expired',
        'The call with this key was executed, and its record has been pruned. It is not executed again: use a new key for new work.',
      );
    case 'execution':
      return facts.record.fingerprint === call.fingerprint ? decideKnown(facts.record) : reused(call);
  }
}

function reused({ keyFields }: ClaimingCall): Decision {
  const again = 'Send the same parameters again to get the answer of that call;';
  const message =
    keyFields.length === 0
      ? `This idempotency key already names a call with other parameters. ${again} for new work use a new key.`
      : `The card of this tool derives the idempotency key from ${keyFields.join(', ')}, and a call with the same ` +
        `${keyFields.length === 1 ? 'value' : 'values'} but other parameters was made before. ${again} for new work ` +
        'send an idempotency_key of your own.';
  return refuse('idempotency_key_reused', message);
}

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
