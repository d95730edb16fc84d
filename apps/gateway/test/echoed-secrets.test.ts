import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openGateway } from './support/gateway.js';

const SECRET = 'planted-9f8e7d6c5b4a';
const STATIC = 'planted-static-1234567';

/** A tool that says what it was sent, with the status that its path names. */
async function openEcho() {
  const server = createServer((request, response) => {
    request.resume();
    const { authorization, 'x-api-key': key } = request.headers;
    const said = { authorization, key, encoded: Buffer.from(`k=${authorization}`).toString('base64'), ok: 1 };
    const status = Number(request.url?.slice(1));
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(said));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())) };
}

describe('a tool that repeats the secrets that it was sent', () => {
  test.each([
    ['in a result', 200, 'completed'],
    ['in a refusal', 400, 'failed'],
    ['in an answer that proves nothing', 500, 'unknown'],
  ])('%s shows them to nobody', async (_, status, word) => {
    await using echo = await openEcho();
    await using gateway = await openGateway({ INVOKE_SECRET_PAY: `Bearer ${SECRET}` });
    await gateway.request('POST', '/v1/providers', { body: { name: 'Acme', slug: 'acme' } });
    await gateway.request('POST', '/v1/providers/acme/tools', {
      body: {
        name: 'echo',
        capability_card: { name: 'echo', input_schema: { type: 'object' }, effect: 'write' },
        http: {
          method: 'POST',
          url: `${echo.url}/${status}`,
          headers: { 'X-Api-Key': STATIC },
          secret_headers: { Authorization: 'INVOKE_SECRET_PAY' },
        },
      },
    });
    const answer = await gateway.request('POST', '/v1/call', { body: { tool: 'echo', params: {} } });
    expect(answer.body['status']).toBe(word);
    const id = String(answer.body['execution_id']);
    const seen = [
      answer.text,
      (await gateway.request('GET', `/v1/executions/${id}`)).text,
      (await gateway.request('GET', '/v1/traces')).text,
      (await gateway.request('GET', '/v1/approvals')).text,
    ];
    for (const text of seen) {
      expect(text).not.toMatch(/planted/);
      expect(text).not.toContain(Buffer.from(SECRET).toString('base64').slice(3, 20));
    }
    if (status === 200) {
      expect(answer.body['result']).toMatchObject({ authorization: '[redacted]', key: '[redacted]', ok: 1 });
    }
  });
});
