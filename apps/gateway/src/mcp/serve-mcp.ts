import { ERROR_CATALOGUE, type Refusal } from '@invoke/contract';
import { decideHeldScope } from '@invoke/core/domain';
import { problem, type Reply } from '../http/reply.js';
import type { RouteContext } from '../route.js';
import { callTool, type McpContext } from './call-tool.js';
import { discoverResult, initializeResult } from './handshake.js';
import { listTools } from './list-tools.js';
import { classifyEra, type Era } from './protocol.js';
import { resultOf, toResultText, type Answer } from './result.js';
import {
  classifyMessage,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  PARSE_ERROR,
  rpcError,
  rpcResult,
  type RpcRequest,
} from './rpc.js';

type Context = RouteContext & McpContext;
type Method = (request: RpcRequest, era: Era, context: Context) => Answer | Promise<Answer>;

const callMethod: Method = ({ params }, _era, context) => callTool(params, context);
const listMethod: Method = ({ params }, era, context) => listTools({ ...context, params, era });

/** What is answered in each era. Names come from outside: these are looked up as they stand, and no others. */
const METHODS: Readonly<Record<Exclude<Era['kind'], 'refused'>, ReadonlyMap<string, Method>>> = {
  modern: new Map<string, Method>([
    ['server/discover', () => resultOf(discoverResult())],
    ['tools/list', listMethod],
    ['tools/call', callMethod],
  ]),
  legacy: new Map<string, Method>([
    ['initialize', ({ params }) => resultOf(initializeResult(params))],
    ['ping', () => resultOf({})],
    ['tools/list', listMethod],
    ['tools/call', callMethod],
  ]),
};

/** Nothing is said to notifications and responses. */
const ACCEPTED: Reply = { status: 202, body: '', headers: {} };

/** One message of a client. No state is kept between two of them, so that any gateway can answer each. */
export async function serveMcp(context: Context): Promise<Reply> {
  const message = classifyMessage(context.body);
  switch (message.kind) {
    case 'unanswered':
      return ACCEPTED;
    case 'invalid':
      return rpcError(message.id, { code: INVALID_REQUEST, message: message.message, status: 400 });
    case 'request':
      return serveRequest(message, context);
  }
}

async function serveRequest(request: RpcRequest, context: Context): Promise<Reply> {
  const { id, method } = request;
  const era = classifyEra(request, context.incoming);
  if (era.kind === 'refused') return rpcError(id, era.error);
  const serve = METHODS[era.kind].get(method);
  if (serve === undefined) {
    // Older clients take any status but 200 for a broken connection.
    const status = era.kind === 'modern' ? 404 : 200;
    const message = `There is no method ${JSON.stringify(method)} here.`;
    return rpcError(id, { code: METHOD_NOT_FOUND, message, status });
  }
  if (method === 'tools/list') {
    const may = decideHeldScope(context.principal, 'tools:read');
    if (may.kind === 'refuse') return problem(may.refusal, { requestId: context.requestId });
  }
  const answer = await serve(request, era, context);
  return answer.kind === 'error' ? rpcError(id, answer.error) : rpcResult(id, toResultText(answer, era));
}

/** A body that could not be read, in the words of the protocol. Whose request it was is not known. */
export function toUnreadableReply(refusal: Refusal, requestId: string): Reply {
  const { status } = ERROR_CATALOGUE[refusal.code];
  const code = NO_JSON.includes(refusal.code) ? PARSE_ERROR : INVALID_REQUEST;
  const data = { code: refusal.code, request_id: requestId };
  return rpcError(null, { code, message: refusal.message, data, status });
}

const NO_JSON: readonly Refusal['code'][] = ['malformed_json', 'invalid_encoding'];
