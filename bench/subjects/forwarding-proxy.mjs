// The baseline: a bare proxy that reads a request, sends its body on, and hands the answer back. Nothing is checked or kept.
//   UPSTREAM_URL  where to
import { createServer } from 'node:http';
import { Pool } from 'undici';
/** @import { IncomingMessage, ServerResponse } from 'node:http' */

const pool = new Pool(process.env['UPSTREAM_URL'] ?? '', { connections: 128, pipelining: 1 });
const HEADERS = { 'content-type': 'application/json' };

const server = createServer((req, res) => {
  /** @type {Buffer[]} */
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => forward(Buffer.concat(chunks), res));
});
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.stdout.write(`ready http://127.0.0.1:${port}\n`);
});
process.stdin.resume().on('close', () => process.exit(0));

/**
 * @param {Buffer} body
 * @param {ServerResponse<IncomingMessage>} res
 */
async function forward(body, res) {
  try {
    const answer = await pool.request({ method: 'POST', path: '/', headers: HEADERS, body });
    const text = await answer.body.text();
    res.writeHead(answer.statusCode, { ...HEADERS, 'content-length': Buffer.byteLength(text) }).end(text);
  } catch (error) {
    process.stderr.write(`${error}\n`);
    res.writeHead(502).end();
  }
}
