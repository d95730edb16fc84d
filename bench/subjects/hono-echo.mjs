// The baseline of replays: a bare Hono server that reads a JSON body and answers with one of the size of a recorded answer.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono();
const answer = {
  success: true,
  status: 'completed',
  execution_id: 'exec_0192f7a1-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
  result: {
    ok: true,
    record: { id: 'rec_0192f7a1c3d44e5f', name: 'Acme Corporation', note: 'x'.repeat(280) },
  },
  trace_id: 'trace_0192f7a1-c3d4-7e5f-8a9b-0c1d2e3f4a5b',
};

app.post('/v1/call', async (c) => {
  const { tool } = await c.req.json();
  return c.json({ ...answer, tool });
});

const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  process.stdout.write(`ready http://127.0.0.1:${port}\n`);
});
process.stdin.resume().on('close', () => {
  server.close();
  process.exit(0);
});
