import type { InvokeError } from '@invoke/sdk';
import { EXIT, type ExitCode } from './exit-codes.js';

export interface Advice {
  readonly exitCode: ExitCode;
  /** Commands that lead on. */
  readonly next: readonly string[];
}

/** Refusals that Invoke is there for: it did its work and said no. */
const BLOCKED = [
  'policy_denied',
  'budget_exceeded',
  'context_conflict',
  'self_approval_denied',
  'entity_mismatch',
  'entity_required',
  'entity_quarantined',
  'tool_not_allowed',
  'read_only_token',
  'context_denied',
  'insufficient_scope',
  'egress_denied',
];

const NOT_AUTHENTICATED = ['unauthenticated', 'missing_api_key', 'invalid_api_key'];

/**
 * What to do about an error of the SDK.
 * @param lists commands that list what could have been named
 */
export function adviseOn(error: InvokeError, lists: readonly string[]): Advice {
  const { code, executionId, idempotencyKey } = error;
  if (NOT_AUTHENTICATED.includes(code)) {
    return { exitCode: EXIT.unauthenticated, next: ['invoke login --api-key -', 'invoke whoami'] };
  }
  if (code === 'insufficient_scope') {
    return {
      exitCode: EXIT.blocked,
      next: ['invoke whoami', 'invoke login --api-key - < <file with a key that has it>'],
    };
  }
  if (BLOCKED.includes(code)) {
    const lead = code === 'budget_exceeded' ? 'invoke usage' : 'invoke traces';
    return { exitCode: EXIT.blocked, next: [lead, 'invoke whoami'] };
  }
  const again =
    idempotencyKey === undefined ? [] : [`the same command with --idempotency-key ${idempotencyKey}`];
  if (code === 'aborted') return { exitCode: EXIT.interrupted, next: ['invoke executions', ...again] };
  if (code === 'replan_required') return { exitCode: EXIT.replanRequired, next: ['invoke traces'] };
  const executions =
    executionId === undefined ? ['invoke executions'] : [`invoke executions show ${executionId}`];
  if (code === 'outcome_unknown') return { exitCode: EXIT.outcomeUnknown, next: [...executions, ...again] };
  if (code === 'not_found') return { exitCode: EXIT.failure, next: lists };
  if (code === 'validation_failed') return { exitCode: EXIT.failure, next: whatIsExpected(error) };
  const next = APPROVAL[code] ?? (executionId === undefined ? NEXT[code] : executions) ?? ['invoke doctor'];
  return { exitCode: EXIT.failure, next };
}

/** What params a tool takes, its schema says; everything else, the help of the command. */
function whatIsExpected({ problem }: InvokeError): readonly string[] {
  const isAboutParams = problem?.errors?.some(({ pointer }) => pointer.startsWith('/params')) === true;
  return isAboutParams ? ['invoke tools --json'] : ['the same command with --help'];
}

/** About a decision on an approval; that its execution exists does not lead on. */
const APPROVAL: Readonly<Record<string, readonly string[]>> = {
  approval_conflict: ['invoke approvals'],
  approval_digest_mismatch: ['invoke approvals show <id>'],
  state_required: [`the same command with --state '{"field":"value"}'`],
};

const NEXT: Readonly<Record<string, readonly string[]>> = {
  connection_failed: ['invoke doctor', 'invoke gateway'],
  connection_lost: ['invoke doctor', 'invoke executions'],
  timeout: ['invoke doctor'],
  tool_not_callable: ['invoke tools', 'invoke deploy'],
  tool_changed: ['invoke deploy'],
  idempotency_key_reused: ['invoke executions'],
  idempotency_in_progress: ['invoke executions'],
  idempotency_key_expired: ['invoke executions'],
  idempotency_key_required: ['invoke call --help'],
  redirect_refused: ['invoke login --base-url <address> --api-key -'],
  invalid_response: ['invoke status', 'invoke login --base-url <address> --api-key -'],
  policy_invalid: ['invoke policy check <file>'],
  not_configured: ['invoke status'],
  headers_too_large: ['the same command with a shorter name or id'],
  rate_limited: ['invoke status'],
};
