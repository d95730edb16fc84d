import { CERTAINTY, type CapabilityCard, type Certainty, type ErrorCode } from '@invoke/contract';
import type { FailureReason, ToolAnswer, ToolFailure, ToolReply } from './tool-reply.js';

/** What one reply proves. */
export interface Judgement {
  readonly certainty: Certainty;
  /** Short machine word: `answered`, `http_503`, `timeout`, `rpc_-32603`, `tool_error`, ... */
  readonly reason: string;
  /** Whether the same call may be tried again, where that is allowed at all. */
  readonly retryable: boolean;
  /** The code a caller sees when this is the last word. Null for a success. */
  readonly code: ErrorCode | null;
  readonly message: string;
}

export interface JudgementFacts {
  readonly card: CapabilityCard;
  /** Whether there is a way to look up what happened: then a tool's own "failed" is looked up, too. */
  readonly canLookUp: boolean;
}

/**
 * Statuses that say "I did not do it" unless the card says otherwise: client errors, but not 408, 409 and 425, which
 * well-kept APIs also send for a request that is still being worked on.
 */
const NO_EFFECT_STATUSES = [
  400, 401, 402, 403, 404, 405, 406, 410, 411, 412, 413, 414, 415, 416, 417, 421, 422, 424, 426, 428, 429,
  431, 451,
];

const TOO_MANY_REQUESTS = 429;

/**
 * JSON-RPC: method not found, which servers find before any work. Not invalid params (-32602): servers say that of a result
 * that does not fit its schema, too, after the work.
 */
const NO_EFFECT_RPC_CODES = [-32601];

/** Failures that another attempt cannot mend. */
const LASTING: readonly FailureReason[] = ['address_denied', 'not_configured', 'invalid_params'];

/** Whether what is in the way stays there until somebody changes it. @param reason as judged */
export function isLasting(reason: string): boolean {
  return (LASTING as readonly string[]).includes(reason);
}

/**
 * Judges what a reply proves about the effect of the call. The default is `unknown`: only a declared success, a proof that
 * no byte was sent, or an answer that the card declares as harmless leaves it. A read has no effect, whatever went wrong.
 */
export function classifyCertainty(reply: ToolReply, facts: JudgementFacts): Judgement {
  const judged = judge(reply, facts);
  if (facts.card.effect === 'read' && judged.certainty === CERTAINTY.unknown) {
    return { ...judged, certainty: CERTAINTY.no_effect, retryable: true };
  }
  return judged;
}

/** The judgement on an attempt that did not answer within its time. */
export function classifyTimeout(timeoutMs: number, facts: JudgementFacts): Judgement {
  const message = `no answer within ${timeoutMs} ms`;
  return classifyCertainty({ kind: 'failure', sent: true, reason: 'timeout', message }, facts);
}

function judge(reply: ToolReply, facts: JudgementFacts): Judgement {
  switch (reply.kind) {
    case 'answer':
      return judgeAnswer(reply, facts);
    case 'rpc_error': {
      const certainty = NO_EFFECT_RPC_CODES.includes(reply.code) ? CERTAINTY.no_effect : CERTAINTY.unknown;
      const code = certainty === CERTAINTY.no_effect ? 'upstream_rejected' : 'upstream_unavailable';
      const retryable = certainty === CERTAINTY.no_effect && reply.retryable === true;
      return { certainty, reason: `rpc_${reply.code}`, retryable, code, message: reply.message };
    }
    case 'failure':
      return judgeFailure(reply);
  }
}

function judgeAnswer(reply: ToolAnswer, { card, canLookUp }: JudgementFacts): Judgement {
  const { status } = reply;
  if (status !== null && (status < 200 || status > 299)) return judgeStatus(status, card);
  if (!reply.isError) {
    return {
      certainty: CERTAINTY.effect,
      reason: 'answered',
      retryable: false,
      code: null,
      message: 'the tool answered',
    };
  }
  const declared = card.answers.tool_error ?? (canLookUp && card.effect === 'write' ? 'unknown' : 'failed');
  return {
    certainty: declared === 'unknown' ? CERTAINTY.unknown : CERTAINTY.no_effect,
    reason: 'tool_error',
    retryable: false,
    code: 'upstream_rejected',
    message: 'the tool reported an error',
  };
}

function judgeStatus(status: number, card: CapabilityCard): Judgement {
  const harmless = (card.answers.no_effect_statuses ?? NO_EFFECT_STATUSES).includes(status);
  const listed = card.answers.retryable_statuses?.includes(status) ?? false;
  return {
    certainty: harmless ? CERTAINTY.no_effect : CERTAINTY.unknown,
    reason: `http_${status}`,
    retryable: listed || status === TOO_MANY_REQUESTS,
    code: harmless ? 'upstream_rejected' : 'upstream_unavailable',
    message: `the tool answered with status ${status}`,
  };
}

const FAILURE_CODES: Readonly<Partial<Record<FailureReason, ErrorCode>>> = {
  address_denied: 'egress_denied',
  not_configured: 'tool_not_callable',
  invalid_params: 'validation_failed',
  timeout: 'upstream_timeout',
  invalid_response: 'upstream_invalid_response',
  too_large: 'upstream_too_large',
};

function judgeFailure(reply: ToolFailure): Judgement {
  return {
    certainty: reply.sent ? CERTAINTY.unknown : CERTAINTY.not_sent,
    reason: reply.reason,
    retryable: !isLasting(reply.reason),
    code: FAILURE_CODES[reply.reason] ?? 'upstream_unavailable',
    message: reply.message,
  };
}
