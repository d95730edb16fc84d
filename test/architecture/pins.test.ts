import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  ATTEMPT_STATE,
  CALL_STATUSES,
  CERTAINTY,
  ERROR_CATALOGUE,
  EXECUTION_STATE,
  SCOPES,
  TOOL_CLASS,
} from '@invoke/contract';
import { EXECUTION_TRANSITIONS, PIPELINE } from '@invoke/core/domain';
import { ROOT } from './support/tools.js';

/**
 * The surface that others build on, frozen as literals: clients branch on these words, rows hold them, operators write them
 * into configuration. A change here is a change of the product: it belongs into a changeset, and renaming is never one.
 */

test('error codes, each with its HTTP status and its advice', () => {
  const surface = Object.entries(ERROR_CATALOGUE).map(([code, { status, retry }]) => [code, [status, retry]]);
  expect(Object.fromEntries(surface)).toEqual(ERRORS);
});

test('the stages, in their order', () => {
  expect(PIPELINE.map((stage) => stage.name)).toEqual([
    'authenticate',
    'resolve_tool',
    'validate',
    'scope',
    'recall',
    'entity',
    'policy',
    'freeze',
    'claim',
    'execute',
    'reconcile',
    'record',
    'trace',
  ]);
});

test('the stages that run for stopped calls too', () => {
  expect(PIPELINE.filter((stage) => stage.runs === 'always').map((stage) => stage.name)).toEqual([
    'record',
    'trace',
  ]);
});

test('scopes', () => {
  expect(SCOPES).toEqual([
    'tools:read',
    'tools:call',
    'state:verify',
    'outcomes:reconcile',
    'approvals:read',
    'approvals:write',
    'logs:read',
    'traces:read',
    'providers:admin',
  ]);
});

const TERMINAL_STATES = [
  'completed',
  'failed',
  'blocked',
  'denied',
  'rejected',
  'cancelled',
  'expired',
  'replan_required',
];

test('states of an execution', () => {
  const open = [
    'accepted',
    'awaiting_approval',
    'running',
    'retry_wait',
    'unknown',
    'reconciling',
    'needs_review',
  ];
  expect(Object.values(EXECUTION_STATE)).toEqual([...open, ...TERMINAL_STATES]);
});

test('states of an execution that nothing leaves', () => {
  const terminal = Object.entries(EXECUTION_TRANSITIONS).filter(([, row]) => Object.keys(row).length === 0);
  expect(terminal.map(([state]) => state)).toEqual(TERMINAL_STATES);
});

test('public words for where a call stands', () => {
  expect(CALL_STATUSES).toEqual([
    'completed',
    'outcome_reconciled',
    'failed',
    'unknown',
    'pending',
    'needs_review',
    'pending_approval',
    'replan_required',
    'blocked',
    'cancelled',
    'expired',
    'rejected',
    'denied',
  ]);
});

test('states of an attempt, certainties, tool classes', () => {
  expect(Object.values(ATTEMPT_STATE)).toEqual([
    'started',
    'ok',
    'rejected',
    'not_sent',
    'unknown',
    'confirmed_applied',
    'confirmed_absent',
    'unresolved',
  ]);
  expect(Object.values(CERTAINTY)).toEqual(['not_sent', 'no_effect', 'effect', 'unknown']);
  expect(Object.values(TOOL_CLASS)).toEqual(['R', 'A', 'B', 'C']);
});

/** Words that are keys and values at once must not differ. */
test.each([
  ['EXECUTION_STATE', EXECUTION_STATE],
  ['ATTEMPT_STATE', ATTEMPT_STATE],
  ['CERTAINTY', CERTAINTY],
  ['TOOL_CLASS', TOOL_CLASS],
])('%s is spelled as it is stored', (_name, words) => {
  expect(Object.keys(words)).toEqual(Object.values(words));
});

test('what the published packages export', () => {
  expect(
    Object.fromEntries(published().map(({ name, exports }) => [name, Object.keys(exports ?? {})])),
  ).toEqual({
    '@invoke/cli': [],
    '@invoke/connectors': ['.'],
    '@invoke/contract': ['.'],
    '@invoke/core': ['.', './domain', './ports', './adapters'],
    '@invoke/gateway': ['.'],
    '@invoke/mcp-client': ['.'],
    '@invoke/sdk': ['.'],
    '@invoke/storage': ['.', './sqlite', './sqlite-writer-thread', './postgres'],
  });
});

test('published exports are those of the workspace without the sources', () => {
  for (const { name, exports = {}, publishConfig } of published()) {
    const expected = Object.entries(exports).map(([entry, { '@invoke/source': _source, ...rest }]) => [
      entry,
      rest,
    ]);
    expect(publishConfig?.exports ?? {}, name).toEqual(Object.fromEntries(expected));
  }
});

test('commands', () => {
  const commands = published().map(({ name, bin = {} }) => [name, Object.keys(bin)]);
  expect(commands.filter(([, names]) => names?.length !== 0)).toEqual([
    ['@invoke/cli', ['invoke', 'invokehq']],
  ]);
});

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly bin?: Record<string, string>;
  readonly exports?: Record<string, Record<string, unknown>>;
  readonly publishConfig?: { readonly exports?: Record<string, unknown> };
}

function published(): Manifest[] {
  return ['packages', 'apps']
    .flatMap((parent) =>
      readdirSync(join(ROOT, parent)).map((name) => join(ROOT, parent, name, 'package.json')),
    )
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Manifest)
    .filter((manifest) => manifest.private !== true);
}

const ERRORS = {
  approval_conflict: [409, 'never'],
  approval_digest_mismatch: [409, 'never'],
  budget_exceeded: [429, 'never'],
  context_conflict: [409, 'never'],
  not_configured: [501, 'never'],
  replan_required: [409, 'never'],
  self_approval_denied: [403, 'never'],
  signature_invalid: [401, 'never'],
  state_required: [409, 'never'],
  malformed_json: [400, 'never'],
  duplicate_json_key: [400, 'never'],
  number_out_of_range: [400, 'never'],
  json_too_deep: [400, 'never'],
  json_too_complex: [400, 'never'],
  invalid_encoding: [400, 'never'],
  bad_request: [400, 'never'],
  idempotency_key_required: [400, 'never'],
  unauthenticated: [401, 'never'],
  insufficient_scope: [403, 'never'],
  tool_not_allowed: [403, 'never'],
  read_only_token: [403, 'never'],
  context_denied: [403, 'never'],
  policy_denied: [403, 'never'],
  egress_denied: [403, 'never'],
  origin_denied: [403, 'never'],
  not_found: [404, 'never'],
  method_not_allowed: [405, 'never'],
  request_timeout: [408, 'safe'],
  entity_mismatch: [409, 'never'],
  entity_required: [409, 'never'],
  entity_quarantined: [409, 'safe'],
  idempotency_in_progress: [409, 'safe'],
  tool_conflict: [409, 'never'],
  tool_changed: [409, 'never'],
  tool_not_callable: [409, 'never'],
  idempotency_key_expired: [410, 'never'],
  payload_too_large: [413, 'never'],
  unsupported_media_type: [415, 'never'],
  validation_failed: [422, 'never'],
  policy_invalid: [422, 'never'],
  schema_rejected: [422, 'never'],
  idempotency_key_reused: [422, 'never'],
  rate_limited: [429, 'safe'],
  headers_too_large: [431, 'never'],
  internal_error: [500, 'after_reconcile'],
  upstream_rejected: [502, 'never'],
  upstream_unavailable: [502, 'after_reconcile'],
  upstream_invalid_response: [502, 'after_reconcile'],
  upstream_too_large: [502, 'after_reconcile'],
  storage_unavailable: [503, 'safe'],
  history_in_doubt: [503, 'safe'],
  shutting_down: [503, 'safe'],
  upstream_timeout: [504, 'after_reconcile'],
};
