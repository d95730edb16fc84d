// The tool behind everything that is measured: answers every POST with the same 350 bytes of JSON, and counts.
import { createServer } from 'node:http';

const ANSWER = Buffer.from(
  JSON.stringify({
    ok: true,
    record: {
      id: 'rec_0192f7a1c3d44e5f',
      name: 'Acme Corporation',
      account_status: 'review',
      plan: 'enterprise',
      seats: 240,
      region: 'eu-central-1',
      tags: ['priority', 'renewal-2026', 'net-60'],
      owner: { id: 'usr_77', name: 'Jordan Example', email: 'jordan@example.com' },
      updated_at: '2026-01-01T00:00:00.000Z',
      note: 'a line of text of ordinary size',
    },
  }),
);
const HEADERS = { 'content-type': 'application/json', 'content-length': ANSWER.length };

let calls = 0;

const server = createServer((req, res) => {
  if (req.method === 'GET') {
    res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ calls }));
    return;
  }
  req.resume();
  req.on('end', () => {
    calls += 1;
    res.writeHead(200, HEADERS).end(ANSWER);
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.stdout.write(`ready http://127.0.0.1:${port}\n`);
});
process.stdin.resume().on('close', () => process.exit(0));
