// For the tests of the demo: a gateway that always says what the scenes want to hear, and does what a careless proxy does.
// It retries whatever failed, checks no entity and remembers no key. Only the ledgers can tell.
import { createServer } from 'node:http';
import { callDirectly } from '../agents/direct-tool.mjs';
/** @import { IncomingMessage } from 'node:http' */

/** @type {Map<string, string>} */
const urls = new Map();
/** @type {Map<string, { id: string, text: string }>} */
const byKey = new Map();
/** @type {Map<string, { tool: string, attempts: number }>} */
const executions = new Map();

const server = createServer((req, res) => {
  void reply(req).then(({ status, text }) => {
    res.writeHead(status, { 'content-type': 'application/json' }).end(text);
  });
});
server.listen(Number(process.env['PORT']), '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  process.stdout.write(`invoke gateway ready at http://127.0.0.1:${port}\n`);
});

/** @param {IncomingMessage} req @returns {Promise<{ status: number, text: string }>} */
async function reply(req) {
  const path = req.url ?? '';
  const body = await readJson(req);
  if (path === '/v1/providers') return json({ provider: { id: 'prov_1' } });
  if (path.endsWith('/tools')) {
    urls.set(body.name, body.mcp_url);
    return json({ tool: { id: body.name } });
  }
  if (path.startsWith('/v1/executions/'))
    return json({ execution: toView(path.slice('/v1/executions/'.length)) });
  return call(body);
}

/** @param {any} body */
async function call({
  tool,
  params,
  idempotency_key: key,
  entity_resolution: entity,
  failure_policy: policy,
}) {
  const url = urls.get(tool) ?? '';
  let attempts = 0;
  let outcome;
  do {
    attempts += 1;
    outcome = await callDirectly(url, { tool, params, timeoutMs: 400 });
  } while (outcome.kind === 'failed' && attempts <= (policy?.retry ?? 2));
  if (entity !== undefined && params.customer_id !== entity.entity_id) {
    return json({ code: 'entity_mismatch', detail: 'The tool was not touched.', status: 409 }, 409);
  }
  const known = byKey.get(key);
  if (known !== undefined)
    return { status: 200, text: known.text.replace('"result"', '"replayed":true,"result"') };
  const id = `exec_${executions.size + 1}`;
  executions.set(id, { tool, attempts });
  const done = attempts > 1 && tool === 'payments_charge' ? 'outcome_reconciled' : 'completed';
  const status = outcome.kind === 'failed' ? 'failed' : done;
  const answer = json({ success: status !== 'failed', status, execution_id: id, result: { ok: true } });
  if (key !== undefined) byKey.set(key, { id, text: answer.text });
  return answer;
}

/** @param {string} id */
function toView(id) {
  const { tool = '', attempts = 0 } = executions.get(id) ?? {};
  const created_at = Date.now();
  const trace = [
    { step: 'request_received', status: 'completed', at: created_at, detail: `${attempts} attempts` },
  ];
  return {
    execution_id: id,
    tool,
    status: 'completed',
    final_outcome: 'completed',
    created_at,
    trace,
    attempts: [],
    lookups: [],
  };
}

/** @param {unknown} value */
function json(value, status = 200) {
  return { status, text: JSON.stringify(value) };
}

/** @param {IncomingMessage} req @returns {Promise<any>} */
async function readJson(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
