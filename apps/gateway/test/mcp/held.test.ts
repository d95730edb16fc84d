import { setTimeout as sleep } from 'node:timers/promises';
import { StorageUnavailable } from '@invoke/core/ports';
import { expect, test } from 'vitest';
import type { WrapPorts } from '../../src/start-gateway.js';
import { openGateway } from '../support/gateway.js';
import { legacy, told } from '../support/rpc.js';

test('a call that is held while the store fails is told that it is waiting, not that nothing was changed', async () => {
  let fails = false;
  const wrap: WrapPorts = (ports) => {
    const { executions } = ports.store;
    const find: typeof executions.find = (tenant, id) =>
      fails ? Promise.reject(new StorageUnavailable('cut off')) : executions.find(tenant, id);
    return { ...ports, store: { ...ports.store, executions: { ...executions, find } } };
  };
  await using gateway = await openGateway({}, wrap);
  const policy = { rules: [{ when: 'true', effect: 'require_approval' }] };
  const params = { name: 'sandbox_charge', arguments: { reference: 'r', amount: 1 } };
  const held = legacy(gateway, 'tools/call', params, { meta: { 'dev.invoke/call': { policy } } });
  await sleep(500);
  fails = true;
  const answer = await held;
  expect([answer.status, told(answer)]).toMatchObject([
    200,
    { status: 'pending_approval', execution_id: expect.stringMatching(/^exec_/) },
  ]);
});
