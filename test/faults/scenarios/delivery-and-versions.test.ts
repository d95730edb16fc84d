import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lastWord, openScene, STORES, type Scene } from './support/scene.js';
import { staged } from './support/staged.js';

let postgres: TestPostgres;
beforeAll(async () => {
  // A setting of its own makes it a server of its own.
  postgres = await startPostgres({ max_connections: '80' });
});
afterAll(() => postgres[Symbol.asyncDispose]());

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly executionId: string;
}

/** Who is told: keeps what came, and answers as it is set to. */
async function openListener() {
  const deliveries: Delivery[] = [];
  const listener = { deliveries, status: 200, url: '' };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as {
        type: string;
        data: { execution: { execution_id: string } };
      };
      const { execution_id: executionId } = body.data.execution;
      deliveries.push({ id: String(request.headers['webhook-id']), type: body.type, executionId });
      response.writeHead(listener.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  listener.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
  return {
    listener,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An hour passes for what waits to be delivered: leases of deliveries and pauses between them are over. */
async function anHourLater({ database }: Scene): Promise<void> {
  const sql = 'update invoke_outbox set due_at = due_at - 3600000';
  const { DATABASE_URL: url, INVOKE_DATA_DIR: dataDir } = database.env;
  if (url !== undefined) await postgres.query(sql, url);
  else {
    using file = new DatabaseSync(join(dataDir ?? '', 'invoke.db'));
    file.exec(`pragma busy_timeout = 5000; ${sql}`);
  }
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${what}`);
}

describe.concurrent.each(STORES)('%s: those who are told', { timeout: 150_000 }, (store) => {
  test('47: killed after a delivery and before it is noted: delivered again, under the same id', () =>
    staged(async () => {
      await using opened = await openListener();
      const { listener } = opened;
      await using scene = await openScene({
        store,
        postgres,
        first: ['after_outbox_send:kill@1'],
        others: ['after_outbox_send:kill@1'],
        env: { INVOKE_EVENTS_WEBHOOK_URL: listener.url, INVOKE_EVENTS_WEBHOOK_SECRET: SECRET },
      });
      await scene.call({ key: 'k1', tool: 'approved', withinMs: 500 });
      await until(() => scene.hits.length > 0, 'the gateway died at the delivery');
      expect(listener.deliveries).toHaveLength(1);
      await scene.fleet.allUp();
      await anHourLater(scene);
      await until(() => listener.deliveries.length >= 2, 'a second delivery');
      expect(new Set(listener.deliveries.map((d) => d.id)).size).toBe(1);
      const { executions } = await scene.database.evidence();
      expect(executions.map((e) => e.state)).toEqual(['awaiting_approval']);
    }));

  test('48: nobody listens for an hour: calls go on as ever, and all is delivered later', () =>
    staged(async () => {
      await using opened = await openListener();
      const { listener } = opened;
      await using scene = await openScene({
        store,
        postgres,
        env: { INVOKE_EVENTS_WEBHOOK_URL: listener.url, INVOKE_EVENTS_WEBHOOK_SECRET: SECRET },
      });
      listener.status = 503;
      const waiting = ['w1', 'w2', 'w3'];
      for (const key of waiting) await scene.call({ key, tool: 'approved', withinMs: 300 });
      await until(() => listener.deliveries.length >= 3, 'deliveries are tried');
      expect(lastWord(await scene.call({ key: 'k1', tool: 'blind' }))).toBe('completed');
      listener.status = 200;
      const tried = listener.deliveries.length;
      await anHourLater(scene);
      await until(() => listener.deliveries.length >= tried + 3, 'all is delivered');
      const ids = (from: number, to?: number) =>
        new Set(listener.deliveries.slice(from, to).map((d) => d.id));
      expect(ids(tried)).toEqual(ids(0, tried));
      await anHourLater(scene);
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      expect(listener.deliveries).toHaveLength(tried + 3);
      expect(scene.ledger.effectsOf('k1')).toHaveLength(1);
    }));
});
