import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface StateServer extends AsyncDisposable {
  readonly url: string;
  /** What the next reads of /next answer, in order; the last one stays. A number is an HTTP status. */
  states: (object | number)[];
  /** How many requests came, whatever the path. */
  reads: number;
}

/** A tool server whose state the test sets. /echo answers what `return` in the body says. */
export async function openStateServer(): Promise<StateServer> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      state.reads += 1;
      const text = Buffer.concat(chunks).toString('utf8');
      const body = (text === '' ? {} : JSON.parse(text)) as { return?: object };
      const next = state.states.length > 1 ? state.states.shift() : state.states[0];
      const answer = request.url?.startsWith('/echo') === true ? body.return : next;
      const status = typeof answer === 'number' ? answer : 200;
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(typeof answer === 'number' ? { error: 'no' } : (answer ?? {})));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const state: StateServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    states: [{}],
    reads: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return state;
}
