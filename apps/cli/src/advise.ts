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

/** What to do about an error of the SDK. */
export function adviseOn(error: InvokeError): Advice {
  const { code, executionId, idempotencyKey } = error;
  if (NOT_AUTHENTICATED.includes(code)) {
    return { exitCode: EXIT.unauthenticated, next: ['invoke login --api-key -', 'invoke whoami'] };
  }
  if (BLOCKED.includes(code)) return { exitCode: EXIT.blocked, next: ['invoke traces', 'invoke whoami'] };
  if (code === 'aborted') {
    const again = idempotencyKey === undefined ? [] : [`invoke call ... --idempotency-key ${idempotencyKey}`];
    return { exitCode: EXIT.interrupted, next: ['invoke executions', ...again] };
  }
  if (executionId !== undefined) {
    const exitCode = code === 'outcome_unknown' ? EXIT.outcomeUnknown : EXIT.failure;
    return { exitCode, next: [`invoke executions show ${executionId}`] };
  }
  return { exitCode: EXIT.failure, next: NEXT[code] ?? ['invoke doctor'] };
}

const NEXT: Readonly<Record<string, readonly string[]>> = {
  connection_failed: ['invoke doctor', 'invoke gateway'],
  connection_lost: ['invoke doctor', 'invoke executions'],
  timeout: ['invoke doctor'],
  not_found: ['invoke tools'],
  tool_not_callable: ['invoke tools', 'invoke deploy'],
  tool_changed: ['invoke deploy'],
  validation_failed: ['invoke tools --json'],
  idempotency_key_reused: ['invoke executions'],
  idempotency_in_progress: ['invoke executions'],
  idempotency_key_expired: ['invoke executions'],
  idempotency_key_required: ['invoke call --help'],
  redirect_refused: ['invoke login --base-url <address> --api-key -'],
  invalid_response: ['invoke status', 'invoke login --base-url <address> --api-key -'],
  rate_limited: ['invoke status'],
};
