import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGateway, type TestGateway } from './support/gateway.js';

/** A tool that says what it is set to say, as it is. */
let says = '';
let heard = 0;
const server = createServer((request, response) => {
  request.resume();
  heard += 1;
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(says);
});

let gateway: TestGateway;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  gateway = await openGateway();
  await gateway.request('POST', '/v1/providers', { body: { name: 'Acme', slug: 'acme' } });
  for (const [name, effect] of [
    ['pay', 'write'],
    ['look', 'read'],
  ]) {
    await gateway.request('POST', '/v1/providers/acme/tools', {
      body: {
        name,
        capability_card: { name, effect, input_schema: { type: 'object' }, retry: { max_attempts: 3 } },
        http: { method: 'POST', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
      },
    });
  }
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  server.close();
});

async function call(tool: string, answer: string, more = {}) {
  says = answer;
  heard = 0;
  const told = await gateway.request('POST', '/v1/call', { body: { tool, params: {}, ...more } });
  return { ...told, heard };
}

describe('what a tool says that two readers would understand differently', () => {
  test.each([
    ['the same key twice', '{"ok":true,"ok":false}'],
    ['names that some read as the same', '{"\\ud83d":true,"\\ud83e":false}'],
    ['NUL as it is', '{"a":"paid\u0000not"}'],
    ['too deep', '['.repeat(65) + ']'.repeat(65)],
  ])('%s: after a write it is unknown what happened, and nothing is sent again', async (_, answer) => {
    const told = await call('pay', answer);
    expect(told.body).toMatchObject({ status: 'unknown', code: 'upstream_invalid_response' });
    expect(told.heard).toBe(1);
  });

  test('large numbers are passed on to the last digit, wherever they are shown', async () => {
    const said = '{"id":9007199254740993,"big":1e999,"rate":1.50}';
    const told = await call('pay', said);
    expect([told.status, told.body['status']]).toEqual([200, 'completed']);
    expect(told.text).toContain(said);
    const { text } = await gateway.request('GET', `/v1/executions/${String(told.body['execution_id'])}`);
    expect(text).toContain('"id":9007199254740993,"big":1e999');
  });

  test('texts that were cut within a character are passed on as they were written: the tool has worked', async () => {
    const said = '{"id":"x1","title":"to the moon \\ud83d","note":"a\\u0000b"}';
    const told = await call('pay', said);
    expect([told.status, told.body['status'], told.heard]).toEqual([200, 'completed', 1]);
    expect(told.text).toContain(said);
    const { body } = await gateway.request('GET', `/v1/executions/${String(told.body['execution_id'])}`);
    expect(body['execution']).toMatchObject({ result: JSON.parse(said) as unknown });
  });

  test('but state with such numbers is none: nothing is decided by it, and nobody is shown another', async () => {
    says = '{"id":9007199254740993,"open":true}';
    const { status, text, body } = await gateway.request('POST', '/v1/state/verify', {
      body: {
        intent: 'pay',
        required_fields: ['open'],
        assumed_state: { open: true },
        state_refetch: { tool: 'look', params: {} },
        conditions: { open: true },
      },
    });
    expect(status).toBe(200);
    expect(body['status']).not.toBe('verified');
    expect(text).toContain('a number beyond 2^53');
    expect(text).not.toContain('90071992547409');
  });
});
