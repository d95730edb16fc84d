import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FULL, openGateway } from './support/gateway.js';

/** Sends the half of a body, and hangs up. */
async function hangUp(url: string, path: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = createConnection({ host: hostname, port: Number(port) });
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: x',
    `X-API-Key: ${FULL}`,
    'Content-Type: application/json',
    'Content-Length: 500',
  ];
  await new Promise((resolve) => socket.write(`${head.join('\r\n')}\r\n\r\n{"tool":`, resolve));
  await sleep(200);
  socket.destroy();
}

test('callers who hang up within their body are no bugs in the log', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'invoke-hang-up-'));
  const log = join(folder, 'log.jsonl');
  {
    await using gateway = await openGateway({ INVOKE_LOG_FILE: log });
    // Both ways to a route: the straight one of calls, and that of the router.
    for (const path of ['/v1/call', '/v1/call?x=1', '/v1/keys']) await hangUp(gateway.url, path);
    await sleep(200);
    expect((await gateway.request('GET', '/health')).status).toBe(200);
    await gateway.request('POST', '/v1/keys', { body: { name: 'x', scopes: ['tools:read'] } });
  }
  const said = await readFile(log, 'utf8');
  await rm(folder, { recursive: true, force: true });
  expect(said).toContain('"msg":"key_created"');
  expect(said).not.toContain('"level":50');
});
