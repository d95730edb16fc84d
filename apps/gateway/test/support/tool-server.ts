import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ToolServer extends AsyncDisposable {
  readonly url: string;
  /** What the server did, in order: its own count, not the gateway's. */
  readonly effects: { readonly path: string; readonly body: unknown; readonly key: string | undefined }[];
}

/** A plain HTTP tool server. The path says what it does: /ok, /status/503, /late/300, /apply-then-reset, /state. */
export async function openToolServer(): Promise<ToolServer> {
  const effects: ToolServer['effects'] = [];
  const server = createServer((request, response) => {
    void read(request).then((text) => answer(request, response, text));
  });
  function answer(request: IncomingMessage, response: ServerResponse, text: string): void {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const body: unknown = text === '' ? null : JSON.parse(text);
    const send = (status: number, value: unknown) => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    };
    const apply = () =>
      effects.push({ path, body, key: request.headers['idempotency-key'] as string | undefined });
    const [, what, more] = path.split('/');
    switch (what) {
      case 'ok':
        apply();
        return send(200, { id: `thing_${effects.length}`, path });
      case 'status':
        return send(Number(more), { error: 'no' });
      case 'late':
        apply();
        return void setTimeout(() => send(200, { late: true }), Number(more));
      case 'apply-then-reset':
        apply();
        return void request.socket.destroy();
      case 'state':
        return send(200, { charged: effects.some((e) => e.path === '/apply-then-reset') });
      default:
        return send(404, {});
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    effects,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
