// DBOS Transact doing the governed call: the idempotency key names a workflow, whose one step calls the tool. The answer is
// given when the workflow and its result are recorded.
//   UPSTREAM_URL  the tool      DATABASE_URL  its system database
import { createServer } from 'node:http';
import { DBOS } from '@dbos-inc/dbos-sdk';
import { createForward } from './forward.mjs';

const forward = createForward(process.env.UPSTREAM_URL);

const governedCall = DBOS.registerWorkflow(
  (params) => DBOS.runStep(() => forward(params), { name: 'tool' }),
  { name: 'governedCall' },
);

DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: process.env.DATABASE_URL,
  systemDatabasePoolSize: 20,
  logLevel: 'error',
});
await DBOS.launch();

const server = createServer((req, res) => {
  const chunks = [];
  req.on('data', (chunk) => chunks.push(chunk));
  req.on('end', () => {
    call(JSON.parse(Buffer.concat(chunks).toString())).then(
      (result) => answer(res, 200, result),
      (error) => answer(res, 500, { error: String(error) }),
    );
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`ready http://127.0.0.1:${server.address().port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
process.stdin.resume().on('close', () => process.exit(0));

async function call({ idempotency_key: workflowID, params }) {
  const handle = await DBOS.startWorkflow(governedCall, { workflowID })(params);
  return handle.getResult();
}

function answer(res, status, body) {
  const text = JSON.stringify(body);
  res
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}
