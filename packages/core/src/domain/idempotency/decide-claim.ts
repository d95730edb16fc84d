import { EXECUTION_STATE } from '@invoke/contract';
import { PROCEED, refuse, type Decision } from '../decision.js';
import { isTerminal } from '../execution/execution-state.js';
import type { ExecutionRecord } from '../execution/execution-record.js';
import { contractText } from './key-material.js';

/** What a key names already. */
export type ClaimFacts =
  | { readonly kind: 'none' }
  | { readonly kind: 'execution'; readonly record: ExecutionRecord }
  | { readonly kind: 'tombstone'; readonly tombstone: { readonly fingerprint: string } };

/** What tells the call that asks from others with its key. */
export interface AskedCall {
  readonly fingerprint: string;
  /** As `contractText` gives it. */
  readonly contract: string | null;
  /** The params that its key was derived from, where the caller sent none. */
  readonly keyFields: readonly string[];
}

/**
 * What a call may do with its key: go on, get the recorded answer, wait for it, or be refused. A key that names a call with
 * other parameters, or under other conditions, is refused without showing anything of that call.
 */
export function decideClaim(facts: ClaimFacts, asked: AskedCall): Decision {
  switch (facts.kind) {
    case 'none':
      return PROCEED;
    case 'tombstone':
      if (facts.tombstone.fingerprint !== asked.fingerprint) return reused(asked);
      return refuse(
        'idempotency_key_expired',
        'The call with this key was executed, and its record has been pruned. It is not executed again: use a new key for new work.',
      );
    case 'execution':
      if (facts.record.fingerprint !== asked.fingerprint) return reused(asked);
      return contractText(facts.record.request.policy) === asked.contract
        ? decideKnown(facts.record)
        : OTHERWISE;
  }
}

function reused({ keyFields }: AskedCall): Decision {
  const again = 'Send the same parameters again to get the answer of that call;';
  const message =
    keyFields.length === 0
      ? `This idempotency key already names a call with other parameters. ${again} for new work use a new key.`
      : `The card of this tool derives the idempotency key from ${keyFields.join(', ')}, and a call with the same ` +
        `${keyFields.length === 1 ? 'value' : 'values'} but other parameters was made before. ${again} for new work ` +
        'send an idempotency_key of your own.';
  return refuse('idempotency_key_reused', message);
}

const OTHERWISE = refuse(
  'idempotency_key_reused',
  'This idempotency key already names this call under other conditions: policy.condition, policy.conditions, policy.threshold and ' +
    'policy.allowed_action have to be as they were sent first. Repeat them, or use a new key for a new call.',
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
