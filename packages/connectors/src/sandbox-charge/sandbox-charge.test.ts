import type { ToolCall } from '@invoke/core/ports';
import { describe, expect, test } from 'vitest';
import { sandboxChargeCard, sandboxLookupCard } from './sandbox-cards.js';
import { sandboxCharge, sandboxLookup } from './sandbox-charge.js';

const call = (params: Record<string, unknown>, may = true) =>
  ({ params, mayStillSend: () => may }) as unknown as ToolCall;

describe('the sandbox', () => {
  test('its charge is sent, and its answer is lost', async () => {
    expect(await sandboxCharge(call({ amount: 1 }))).toMatchObject({
      kind: 'failure',
      sent: true,
      reason: 'connection_lost',
    });
  });

  test('a gateway that may not send does not charge', async () => {
    expect(await sandboxCharge(call({}, false))).toMatchObject({
      kind: 'failure',
      sent: false,
      reason: 'fenced',
    });
  });

  test.each([
    {
      cell: 'S1',
      reference: 'ivk_0192f3a4b5c67890abcdef0123456789_0123456789ab',
      charged: true,
      why: 'one of ours',
    },
    { cell: 'S2', reference: 'pay_123', charged: false, why: 'somebody else made it' },
    { cell: 'S3', reference: 'ivk_', charged: false, why: 'not a whole one' },
    { cell: 'S4', reference: 'ivk_0123456789abcdef\n', charged: false, why: 'not exactly one' },
    { cell: 'S5', reference: 7, charged: false, why: 'no text' },
  ])('$cell its lookup: $why', async ({ reference, charged }) => {
    expect(await sandboxLookup(call({ reference }))).toMatchObject({
      kind: 'answer',
      isError: false,
      value: { sandbox: true, reference, charged },
    });
  });

  test('its cards say what it is, and how a lost answer is found', () => {
    for (const { description, tags } of [sandboxChargeCard, sandboxLookupCard]) {
      expect(description).toMatch(/^SANDBOX: /);
      expect(tags).toContain('sandbox');
    }
    expect([sandboxChargeCard.effect, sandboxLookupCard.effect]).toEqual(['write', 'read']);
    expect(sandboxChargeCard.reconcile).toMatchObject({
      state_refetch: { tool: 'sandbox.lookup', params: { reference: '${reference}' } },
      conditions: { charged: true },
    });
  });
});
