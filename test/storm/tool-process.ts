import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The tool of the storm, in a process of its own: every POST is an effect, whatever key it carries. It takes its time, so
 * that all callers are there before it answers. GET tells what was done.
 */
const HOLD_MS = Number(process.env['HOLD_MS']);
const effects: string[] = [];

const server = createServer((request, response) => {
  const reply = (value: object) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
  };
  if (request.method === 'GET') return reply({ effects });
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    effects.push(Buffer.concat(chunks).toString());
    const receipt = effects.length;
    setTimeout(() => reply({ receipt }), HOLD_MS);
  });
});
server.listen({ host: '127.0.0.1', port: 0, backlog: 4_096 }, () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
