import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openGateway } from '../support/gateway.js';
import { legacy, told, type RpcAnswer } from '../support/rpc.js';

test('a gateway that shuts down does not wait for people: a call that it holds is told where it stands', async () => {
  const held: Promise<RpcAnswer>[] = [];
  let beganAt: number;
  {
    await using gateway = await openGateway();
    const policy = { rules: [{ when: 'true', effect: 'require_approval' }] };
    const params = { name: 'sandbox_charge', arguments: { reference: 'r', amount: 1 } };
    held.push(legacy(gateway, 'tools/call', params, { meta: { 'dev.invoke/call': { policy } } }));
    await sleep(500);
    beganAt = performance.now();
  }
  expect(performance.now() - beganAt).toBeLessThan(5_000);
  for (const answer of held) expect(told(await answer)).toMatchObject({ status: 'pending_approval' });
});
