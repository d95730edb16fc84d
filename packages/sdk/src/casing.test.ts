import { describe, expect, test } from 'vitest';
import { toCamelKeys, toSnakeKeys } from './casing.js';

describe('toSnakeKeys', () => {
  test('renames the keys of ours and leaves everything of the caller alone', () => {
    const call = {
      agentId: 'a',
      params: { customerId: 1, nested: { keepMe: true } },
      failurePolicy: { onFailure: 'escalate', reconcile: { stateRefetch: { params: { paymentId: 'p' } } } },
    };
    const shape = { failurePolicy: { reconcile: { stateRefetch: {} } } };
    expect(toSnakeKeys(call, shape)).toEqual({
      agent_id: 'a',
      params: { customerId: 1, nested: { keepMe: true } },
      failure_policy: {
        on_failure: 'escalate',
        reconcile: { state_refetch: { params: { paymentId: 'p' } } },
      },
    });
  });

  test('leaves out what is undefined', () => {
    expect(toSnakeKeys({ agentId: undefined, env: 'prod' }, {})).toEqual({ env: 'prod' });
  });
});

describe('toCamelKeys', () => {
  test('goes into lists that the shape names, and keeps members that nobody knows', () => {
    const wire = { execution_id: 'e', attempts: [{ started_at: 1 }], result: { snake_key: 2 }, brand_new: 3 };
    expect(toCamelKeys(wire, { attempts: {} })).toEqual({
      executionId: 'e',
      attempts: [{ startedAt: 1 }],
      result: { snake_key: 2 },
      brandNew: 3,
    });
  });

  test('a key named __proto__ stays a key', () => {
    const out = toCamelKeys(JSON.parse('{"__proto__":{"success":true},"status":"failed"}'), {}) as object;
    expect(Object.keys(out)).toEqual(['__proto__', 'status']);
    expect((out as { success?: boolean }).success).toBeUndefined();
  });

  test('a shape is looked up by own names only', () => {
    const wire = { to_string: { a_b: 1 }, constructor: { a_b: 1 } };
    expect(toCamelKeys(wire, {})).toEqual({ toString: { a_b: 1 }, constructor: { a_b: 1 } });
  });
});
