import type { ErrorCode } from '@invoke/contract';

/**
 * The one ordered list that every call walks, from whichever entry it comes. The runner iterates over it, trace steps are
 * named by it, docs/pipeline.md is generated from it. The order is the precedence: a call that would fail at several
 * stages is answered by the earliest.
 */
export interface StageDescriptor {
  readonly name: string;
  /** `always` also runs when an earlier stage has stopped the call. */
  readonly runs: 'until_stopped' | 'always';
  /** What this stage may stop a call with. */
  readonly refusals: readonly ErrorCode[];
  /** What it reads, what it decides, what it writes; and why it stands here. */
  readonly gathers: string;
  readonly decides: string;
  readonly applies: string;
  readonly why: string;
}

export const PIPELINE = [
  {
    name: 'authenticate',
    runs: 'until_stopped',
    refusals: ['unauthenticated'],
    gathers: 'the key, by its digest',
    decides: 'who asks',
    applies: '',
    why: 'Nothing is said to somebody who is not known, not even what exists.',
  },
  {
    name: 'resolve_tool',
    runs: 'until_stopped',
    refusals: ['not_found', 'tool_not_allowed', 'tool_conflict', 'tool_not_callable'],
    gathers: 'the tool, from what the caller may see',
    decides: 'which tool is meant',
    applies: '',
    why: 'All later rules stand on the card of the tool; what is not yours looks as if it did not exist.',
  },
  {
    name: 'validate',
    runs: 'until_stopped',
    refusals: [
      'validation_failed',
      'policy_invalid',
      'idempotency_key_required',
      'tool_not_allowed',
      'not_found',
      'tool_conflict',
      'tool_not_callable',
      'schema_rejected',
      'insufficient_scope',
      'context_denied',
    ],
    gathers:
      'the compiled schemas of the tool and of its fallback, and whether the lookup that the call brings may be read',
    decides:
      'whether params and failure policy can be used as they are; a fallback is judged like the tool from here to the claim',
    applies: 'fingerprint and key of the call',
    why: 'Later stages look into the params and must be able to trust their types.',
  },
  {
    name: 'scope',
    runs: 'until_stopped',
    refusals: ['insufficient_scope', 'read_only_token', 'context_denied'],
    gathers: '',
    decides: "the key's limits against agent, environment, workflow, action and resources",
    applies: '',
    why: 'Before recall, so that a recorded answer is only given to a caller who may still call that tool.',
  },
  {
    name: 'recall',
    runs: 'until_stopped',
    refusals: ['idempotency_key_reused', 'idempotency_key_expired', 'idempotency_in_progress'],
    gathers:
      'what the key names already (read-only); left to the claim where only the database knows, and made up for before a later stage stops the call, takes from a budget, asks a human or waits',
    decides: 'replay, attach, refuse, or go on',
    applies: '',
    why: 'Before entity and policy: who retries a charge that went through must get its answer, not a fresh judgement.',
  },
  {
    name: 'entity',
    runs: 'until_stopped',
    refusals: ['entity_mismatch', 'entity_required', 'entity_quarantined'],
    gathers: 'an earlier write to the same entity whose outcome is unknown',
    decides: 'whether the call points at the entity that was resolved',
    applies: '',
    why: 'A wrong entity is the cheapest mistake to stop and the dearest to mend.',
  },
  {
    name: 'policy',
    runs: 'until_stopped',
    refusals: [
      'policy_invalid',
      'policy_denied',
      'context_conflict',
      'replan_required',
      'validation_failed',
      'schema_rejected',
      'not_found',
      'tool_not_allowed',
      'tool_conflict',
      'tool_not_callable',
      'insufficient_scope',
      'read_only_token',
      'context_denied',
    ],
    gathers: "the call's own policy, compiled; current state, where that policy says how to read it",
    decides: 'what the rules of the operator, the tenant and the call itself say, deny first',
    applies: '',
    why: 'After entity, because rules look at the entity that was resolved; before claim, so that a refused call holds no key.',
  },
  {
    name: 'freeze',
    runs: 'until_stopped',
    refusals: ['rate_limited', 'storage_unavailable'],
    gathers: 'what already waits for a human on behalf of the same agent; only where this call has to',
    decides: 'whether a human decides first, on what, until when, and how many have to agree',
    applies: '',
    why: 'Before claim, so that the key, the execution and its approval are written together or not at all.',
  },
  {
    name: 'claim',
    runs: 'until_stopped',
    refusals: [
      'idempotency_key_reused',
      'idempotency_key_expired',
      'idempotency_in_progress',
      'budget_exceeded',
      'entity_quarantined',
      'history_in_doubt',
      'rate_limited',
      'storage_unavailable',
    ],
    gathers: '',
    decides:
      'whether this call is the one that its key names, and whether its API key has not too many under way',
    applies:
      'the execution with its first attempt, or with the approval that it waits for: durable before a byte leaves',
    why: 'Insert-or-read is the only point at which two equal calls are told apart.',
  },
  {
    name: 'execute',
    runs: 'until_stopped',
    refusals: ['storage_unavailable'],
    gathers: '',
    decides: 'the next step: attempt, retry, fallback, look up, stop',
    applies: 'each further attempt, durable before it is sent; then the call to the tool',
    why: 'Alternates with reconcile until nothing is left to do.',
  },
  {
    name: 'reconcile',
    runs: 'until_stopped',
    refusals: ['storage_unavailable'],
    gathers:
      'the state of the world, by the read tool that card or policy declare; only after an unknown outcome',
    decides: 'applied, absent, look again, or beyond the machine',
    applies: 'each lookup',
    why: 'Only proof of absence lets another attempt through.',
  },
  {
    name: 'record',
    runs: 'always',
    refusals: ['storage_unavailable'],
    gathers: '',
    decides: 'the final state',
    applies: 'the outcome, durable before it is answered',
    why: 'An answer that is not recorded could change.',
  },
  {
    name: 'trace',
    runs: 'always',
    refusals: [],
    gathers: '',
    decides: 'what of the call may be shown',
    applies: 'the trace',
    why: 'Refused calls are part of the story; a trace that cannot be written never fails the call.',
  },
] as const satisfies readonly StageDescriptor[];

export type StageName = (typeof PIPELINE)[number]['name'];
