import { CallRequest, IdempotencyKey, type JsonObject, type Refusal } from '@invoke/contract';
import { parseWith, type CallInput, type Parsed, type ToolDefinition } from '@invoke/core';
import { readKey } from '../http/read-key.js';
import type { RouteContext } from '../route.js';
import { isObject, type RpcParams } from './rpc.js';

/** Where a caller names its call. The gateway hands its own key on to tools by the same name. */
const KEY_META = 'dev.invoke/idempotencyKey';
const IN_META = { name: `_meta ${KEY_META}`, pointer: '/_meta/dev.invoke~1idempotencyKey' } as const;
/** What POST /call takes beside tool, params and key: agent_id, env, workflow, action, failure_policy, ... */
export const CALL_META = 'dev.invoke/call';
/** The argument that agents may name a call by where their host lets them say nothing but arguments. */
const KEY_ARGUMENT = '_idempotency_key';

/** Hosts give up after a minute: before that, they are told how to ask again. */
const PATIENCE_MS = 50_000;
/** How long a call waits for an approval, or for the same call that came before it. */
export const HOLD_MS = 20_000;

const CallExtras = CallRequest.omit({ tool: true, params: true, idempotency_key: true });
type CallExtras = Omit<CallRequest, 'tool' | 'params' | 'idempotency_key'>;

export interface ToolCall {
  readonly name: string;
  readonly arguments: JsonObject;
  readonly meta: Readonly<Record<string, unknown>>;
}

/** `tools/call` as the protocol has it; a text: what is wrong with it. */
export function parseToolCall({
  name,
  arguments: args = {},
  _meta = {},
  ...rest
}: RpcParams): ToolCall | string {
  if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME) {
    return `/params/name: expected the name of a tool, at most ${LONGEST_NAME} characters`;
  }
  if (!isObject(args)) return '/params/arguments: expected an object';
  if (!isObject(_meta)) return '/params/_meta: expected an object';
  if (Object.hasOwn(rest, 'requestState')) {
    return '/params/requestState: this server gives none out; an approval is never answered by the caller';
  }
  return { name, arguments: args, meta: _meta };
}

const LONGEST_NAME = 256;

type Context = Pick<RouteContext, 'incoming' | 'requestId' | 'apiKey'>;

/**
 * The same request that POST /call would have been given.
 *
 * @param tool what the name stands for; null where the pipeline is to say that it stands for nothing
 */
export function toCallInput(
  call: ToolCall,
  tool: ToolDefinition | null,
  context: Context,
): Parsed<CallInput> {
  const { incoming, requestId, apiKey } = context;
  const extras = parseExtras(call.meta[CALL_META]);
  if (extras.kind === 'refused') return extras;
  const { [KEY_ARGUMENT]: ownKey, ...others } = call.arguments;
  // Where the tool has a parameter of this name, it is the tool's.
  const params = takes(tool, KEY_ARGUMENT) ? call.arguments : others;
  const key = readCallKey({ ...call, arguments: params, ownKey }, tool, incoming);
  if (key.kind === 'refused') return key;
  return {
    kind: 'ok',
    value: {
      credential: { kind: 'key', raw: apiKey },
      request: {
        ...extras.value,
        tool: tool?.id ?? call.name,
        params,
        ...(key.value === undefined ? {} : { idempotency_key: key.value }),
      },
      requestId,
      traceparent: traceOf(call.meta) ?? incoming.header('traceparent') ?? null,
      attachMs: Math.min(HOLD_MS, extras.value.timeout_ms ?? HOLD_MS),
      patienceMs: PATIENCE_MS,
    },
  };
}

/** W3C Trace Context, 3.2. What is none is overlooked, as it asks for: as a header of the tool's it would end the call. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

function traceOf({ traceparent }: ToolCall['meta']): string | null {
  return typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? traceparent : null;
}

function parseExtras(raw: unknown): Parsed<CallExtras> {
  if (raw === undefined) return { kind: 'ok', value: {} };
  const parsed = parseWith<CallExtras>(CallExtras, raw);
  if (parsed.kind === 'ok') return parsed;
  const { message } = parsed.refusal;
  return { kind: 'refused', refusal: { ...parsed.refusal, message: `_meta ${CALL_META}: ${message}` } };
}

/**
 * What names this call: `_meta`, else the header (where both do, they must agree), else the argument that the card names,
 * else `_idempotency_key`. Where there is none of these, the card may ask for one to be derived: that is the pipeline's. Whoever
 * names a call by what is no key is told so: without one, the same call would be made again.
 */
function readCallKey(
  { meta, arguments: params, ownKey }: ToolCall & { readonly ownKey: unknown },
  tool: ToolDefinition | null,
  incoming: Context['incoming'],
): Parsed<string | undefined> {
  const inMeta = meta[KEY_META];
  if (inMeta !== undefined && !isKey(inMeta)) return notAKey(`_meta ${KEY_META}`);
  const merged = readKey(incoming, inMeta, IN_META);
  if (merged.kind === 'refused' || merged.value !== undefined) return merged;
  const { field, mode } = tool?.card.idempotency ?? {};
  const named = field !== undefined && Object.hasOwn(params, field) ? params[field] : undefined;
  if (isKey(named)) return { kind: 'ok', value: named };
  if (isKey(ownKey)) return { kind: 'ok', value: ownKey };
  if (ownKey !== undefined) return notAKey(`arguments ${KEY_ARGUMENT}`);
  const isUnnamed = named === undefined || named === null || mode === 'automatic';
  return isUnnamed ? { kind: 'ok', value: undefined } : notAKey(`arguments ${field}, which names the call`);
}

function takes(tool: ToolDefinition | null, parameter: string): boolean {
  const properties = tool?.card.input_schema['properties'];
  return isObject(properties) && Object.hasOwn(properties, parameter);
}

function isKey(value: unknown): value is string {
  return IdempotencyKey.safeParse(value).success;
}

function notAKey(where: string): Parsed<never> {
  const message = `${where}: expected 1 to 255 printable ASCII characters`;
  const refusal: Refusal = { code: 'bad_request', message };
  return { kind: 'refused', refusal };
}
