import { createServer } from 'node:http';
/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { Faults } from '../types.ts' */
/** @import { Ledger } from './ledger.mjs' */

/**
 * How a tool takes a call. `hang`: never answers. `reset`: cuts the connection. `status`: a bare HTTP error.
 * @typedef {{ readonly kind: 'answer', readonly value: Readonly<Record<string, unknown>> }
 *   | { readonly kind: 'tool_error', readonly message: string }
 *   | { readonly kind: 'status', readonly status: number }
 *   | { readonly kind: 'hang' }
 *   | { readonly kind: 'reset' }} Behaviour
 *
 * @typedef {object} ServedTool
 * @property {string} description
 * @property {Readonly<Record<string, unknown>>} inputSchema
 * @property {(args: Readonly<Record<string, any>>) => Behaviour} call
 *
 * @typedef {object} ServerOptions
 * @property {string} name
 * @property {Readonly<Record<string, ServedTool>>} tools
 * @property {Ledger} ledger
 * @property {(faults: Faults) => void} onChapter Called when a chapter starts, to put the records back.
 * @property {Readonly<Record<string, (body: any) => Promise<unknown>>>} [posts] More paths for POST, JSON in and JSON out.
 */

const PROTOCOL_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'];

const RPC = { parseError: -32_700, methodNotFound: -32_601, invalidParams: -32_602 };

/**
 * An MCP server over Streamable HTTP with plain JSON answers and no sessions, on a free port of 127.0.0.1. Beside /mcp:
 * `POST /chapters {name, faults}` and `GET /ledger?chapter=`. Prints `ready <url>`. Ends when its stdin does, so that it
 * never outlives the demo; Ctrl-C is the demo's to handle.
 * @param {ServerOptions} options
 */
export function serveTools(options) {
  /** @type {Set<ServerResponse>} */
  const hanging = new Set();
  const server = createServer((req, res) => {
    answer(req, res, { ...options, hanging }).catch((error) => {
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    process.stdout.write(`ready http://127.0.0.1:${address.port}\n`);
  });
  process.stdin.resume().on('close', () => process.exit(0));
  process.on('SIGINT', () => {});
}

/**
 * @param {IncomingMessage} req
 * @param {ServerResponse} res
 * @param {ServerOptions & { hanging: Set<ServerResponse> }} context
 */
async function answer(req, res, { name, tools, ledger, onChapter, posts = {}, hanging }) {
  const url = new URL(req.url ?? '/', 'http://localhost');
  const post = req.method === 'POST' && Object.hasOwn(posts, url.pathname) ? posts[url.pathname] : undefined;
  if (post !== undefined) return sendJson(res, 200, await post(JSON.parse(await readText(req))));
  switch (`${req.method} ${url.pathname}`) {
    case 'POST /mcp':
      return answerRpc(await readText(req), res, { name, tools, hanging });
    case 'GET /ledger':
      return sendJson(res, 200, { entries: ledger.of(url.searchParams.get('chapter') ?? '') });
    case 'POST /chapters': {
      const { name: chapter, faults } = JSON.parse(await readText(req));
      for (const held of hanging) held.destroy();
      hanging.clear();
      ledger.openChapter(chapter, faults);
      onChapter(faults);
      return sendJson(res, 200, {});
    }
    default:
      return sendJson(res, url.pathname === '/mcp' ? 405 : 404, {});
  }
}

/**
 * @param {string} text
 * @param {ServerResponse} res
 * @param {Pick<ServerOptions, 'name' | 'tools'> & { hanging: Set<ServerResponse> }} context
 */
function answerRpc(text, res, { name, tools, hanging }) {
  const message = parse(text);
  if (message === null) return sendError(res, null, { code: RPC.parseError, message: 'not JSON' });
  const { id, method, params } = message;
  if (id === undefined) return res.writeHead(202).end();
  switch (method) {
    case 'initialize': {
      const asked = params?.protocolVersion;
      const protocolVersion = PROTOCOL_VERSIONS.includes(asked) ? asked : PROTOCOL_VERSIONS[0];
      return sendResult(res, id, {
        protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name, version: '1' },
      });
    }
    case 'ping':
      return sendResult(res, id, {});
    case 'tools/list':
      return sendResult(res, id, { tools: Object.entries(tools).map(([tool, t]) => toListed(tool, t)) });
    case 'tools/call': {
      if (!Object.hasOwn(tools, params?.name)) {
        return sendError(res, id, { code: RPC.invalidParams, message: `there is no tool ${params?.name}` });
      }
      return behave(/** @type {ServedTool} */ (tools[params.name]).call(params.arguments ?? {}), res, {
        id,
        hanging,
      });
    }
    default:
      return sendError(res, id, { code: RPC.methodNotFound, message: `there is no method ${method}` });
  }
}

/** @param {string} tool @param {ServedTool} served */
function toListed(tool, { description, inputSchema }) {
  return { name: tool, description, inputSchema };
}

/**
 * @param {Behaviour} behaviour
 * @param {ServerResponse} res
 * @param {{ id: unknown, hanging: Set<ServerResponse> }} context
 */
function behave(behaviour, res, { id, hanging }) {
  switch (behaviour.kind) {
    case 'answer': {
      const { value } = behaviour;
      return sendResult(res, id, {
        content: [{ type: 'text', text: JSON.stringify(value) }],
        structuredContent: value,
      });
    }
    case 'tool_error':
      return sendResult(res, id, { content: [{ type: 'text', text: behaviour.message }], isError: true });
    case 'status':
      return sendJson(res, behaviour.status, { error: 'unavailable' });
    case 'hang':
      hanging.add(res);
      return res.on('close', () => hanging.delete(res));
    case 'reset':
      return res.destroy();
  }
}

/** @param {string} text @returns {any} */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {ServerResponse} res @param {unknown} id @param {unknown} result */
function sendResult(res, id, result) {
  return sendJson(res, 200, { jsonrpc: '2.0', id, result });
}

/** @param {ServerResponse} res @param {unknown} id @param {{ code: number, message: string }} error */
function sendError(res, id, error) {
  return sendJson(res, 200, { jsonrpc: '2.0', id, error });
}

/** @param {ServerResponse} res @param {number} status @param {unknown} body */
function sendJson(res, status, body) {
  const bytes = Buffer.from(JSON.stringify(body));
  return res
    .writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length })
    .end(bytes);
}

/** @param {IncomingMessage} req @returns {Promise<string>} */
async function readText(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
