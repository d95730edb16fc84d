import {
  CallRequest,
  FailurePolicy,
  ProviderRegistration,
  ReconcileRequest,
  ToolRegistration,
  WorkflowStep,
} from '@invoke/contract';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseWith } from './parse-request.js';

const CALL = { tool: 't', params: {}, agent_id: 'a' };
const CARD = { name: 'n', input_schema: {} };
const LIMIT = z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50) });

interface Cell {
  readonly cell: string;
  readonly schema: z.ZodType;
  readonly raw: unknown;
  readonly says: string;
}

const CELLS: readonly Cell[] = [
  {
    cell: 'a field that is not there',
    schema: CallRequest,
    raw: {},
    says: '/tool: missing; expected string',
  },
  {
    cell: 'a list for an object',
    schema: CallRequest,
    raw: { ...CALL, params: [] },
    says: '/params: expected object, got array',
  },
  {
    cell: 'null for text',
    schema: CallRequest,
    raw: { ...CALL, tool: null },
    says: '/tool: expected string, got null',
  },
  {
    cell: 'empty text',
    schema: CallRequest,
    raw: { ...CALL, tool: '' },
    says: '/tool: expected at least 1 character',
  },
  {
    cell: 'a time in words',
    schema: CallRequest,
    raw: { ...CALL, entity_resolution: { entity_id: 'c', source: 's', resolved_at: 'yesterday' } },
    says: '/entity_resolution/resolved_at: expected a date and time such as 2026-05-01T12:00:00Z',
  },
  {
    cell: 'a field that nobody knows',
    schema: CallRequest,
    raw: { ...CALL, parms: {} },
    says: '/parms: this field is not known here',
  },
  {
    cell: 'an object that does not say its kind',
    schema: WorkflowStep,
    raw: {},
    says: '/kind: missing; expected "call", "preflight", "search" or "failures"',
  },
  { cell: 'the body is a list', schema: CallRequest, raw: [], says: 'the body: expected object, got array' },
  {
    cell: 'text for a number',
    schema: LIMIT,
    raw: { limit: 'abc' },
    says: '/limit: expected number, got text that is no number',
  },
  {
    cell: 'a number that is too large',
    schema: LIMIT,
    raw: { limit: '500' },
    says: '/limit: expected a number of at most 200',
  },
  {
    cell: 'a broken number',
    schema: LIMIT,
    raw: { limit: '1.5' },
    says: '/limit: expected integer, got number',
  },
  {
    cell: 'a word that is not one of the known',
    schema: FailurePolicy,
    raw: { on_failure: 'ignore' },
    says: '/on_failure: expected "error" or "escalate"',
  },
  {
    cell: 'a name or an object, and there is neither',
    schema: ReconcileRequest,
    raw: { conditions: { paid: true } },
    says: '/action: expected the name of an action, or {intent, params}',
  },
  {
    cell: 'a name or an object, and it is a number',
    schema: ReconcileRequest,
    raw: { action: 5, conditions: { paid: true } },
    says: '/action: expected the name of an action, or {intent, params}',
  },
  {
    cell: 'a name or an object, and the object lacks a field',
    schema: ReconcileRequest,
    raw: { action: { params: {} }, conditions: { paid: true } },
    says: '/action/intent: missing; expected string',
  },
  {
    cell: 'a value of several types',
    schema: ReconcileRequest,
    raw: { action: 'pay', conditions: { paid: [] } },
    says: '/conditions/paid: expected string, number, boolean or null, got array',
  },
  {
    cell: 'a step of no known kind',
    schema: WorkflowStep,
    raw: { kind: 'shell' },
    says: '/kind: expected "call", "preflight", "search" or "failures"',
  },
  {
    cell: 'a number far down',
    schema: ToolRegistration,
    raw: { name: 't', capability_card: { ...CARD, retry: { max_attempts: '3' } }, mcp_url: 'http://x' },
    says: '/capability_card/retry/max_attempts: expected number, got string',
  },
  {
    cell: 'an owner who has no address',
    schema: ProviderRegistration,
    raw: { name: 'x', owner_email: 'nope' },
    says: '/owner_email: expected an email address such as name@example.com',
  },
  {
    cell: 'words of the schema itself win',
    schema: ProviderRegistration,
    raw: { name: 'x', slug: 'A B' },
    says: '/slug: expected lower case letters, digits and hyphens',
  },
];

describe('what is wrong with a request is said in words', () => {
  test.each(CELLS)('$cell', ({ schema, raw, says }) => {
    const parsed = parseWith(schema, raw);
    expect(parsed.kind === 'refused' && parsed.refusal.message).toContain(says);
    expect(JSON.stringify(parsed)).not.toMatch(/Invalid|received|Too (?:small|big)/);
  });

  test('all fields that are wrong are named in the sentence, and told one by one in errors', () => {
    const parsed = parseWith(CallRequest, { params: [], agent_id: 7 });
    expect(parsed).toEqual({
      kind: 'refused',
      refusal: {
        code: 'validation_failed',
        message: '/tool: missing; expected string (also wrong: /params, /agent_id)',
        errors: [
          { pointer: '/tool', message: 'missing; expected string' },
          { pointer: '/params', message: 'expected object, got array' },
          { pointer: '/agent_id', message: 'expected string, got integer' },
        ],
      },
    });
  });
});
