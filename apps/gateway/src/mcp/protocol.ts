import type { Incoming } from '../http/incoming.js';
import {
  HEADER_MISMATCH,
  INVALID_PARAMS,
  isObject,
  UNSUPPORTED_PROTOCOL_VERSION,
  type RpcError,
  type RpcRequest,
} from './rpc.js';

/** The stateless revision: everything that a request needs comes with it. */
export const MODERN_VERSION = '2026-07-28';

/** The revisions that begin with `initialize`, newest first. They are answered without a session as well. */
export const LEGACY_VERSIONS: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26'];

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';
const CLIENT_KEY = 'io.modelcontextprotocol/clientInfo';

export type Era =
  | { readonly kind: 'modern' }
  | { readonly kind: 'legacy' }
  | { readonly kind: 'refused'; readonly error: RpcError };

const MODERN: Era = { kind: 'modern' };
const LEGACY: Era = { kind: 'legacy' };

/**
 * The rules by which a request is read. The body decides: who names a protocol version in `_meta` speaks the stateless
 * revision, and then its headers have to say the same as its body (MCP 2026-07-28, Streamable HTTP).
 */
export function classifyEra({ method, params }: RpcRequest, incoming: Incoming): Era {
  const meta = params['_meta'];
  if (meta !== undefined && !isObject(meta))
    return refused(INVALID_PARAMS, '/params/_meta: expected an object');
  const version = incoming.header('mcp-protocol-version')?.trim();
  if (meta !== undefined && Object.hasOwn(meta, VERSION_KEY)) {
    return findMistake({ method, params, meta, version, incoming }) ?? MODERN;
  }
  if (version === MODERN_VERSION) {
    return method === 'initialize'
      ? mismatch(`initialize belongs to revisions before ${MODERN_VERSION}, which MCP-Protocol-Version names`)
      : refused(
          INVALID_PARAMS,
          `/params/_meta: ${MODERN_VERSION} needs ${VERSION_KEY} and ${CAPABILITIES_KEY}`,
        );
  }
  if (version === undefined || method === 'initialize' || LEGACY_VERSIONS.includes(version)) return LEGACY;
  return unsupported(version);
}

interface Stateless {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
  /** As the header names it. */
  readonly version: string | undefined;
  readonly incoming: Incoming;
}

function findMistake({ method, params, meta, version, incoming }: Stateless): Era | null {
  const claimed = meta[VERSION_KEY];
  if (typeof claimed !== 'string') return refused(INVALID_PARAMS, `${VERSION_KEY}: expected a version`);
  if (!isObject(meta[CAPABILITIES_KEY])) {
    return refused(INVALID_PARAMS, `${CAPABILITIES_KEY}: expected an object, which may be empty`);
  }
  if (Object.hasOwn(meta, CLIENT_KEY) && !isObject(meta[CLIENT_KEY])) {
    return refused(INVALID_PARAMS, `${CLIENT_KEY}: expected an object`);
  }
  if (version !== claimed) return disagree('MCP-Protocol-Version', version, claimed);
  if (claimed !== MODERN_VERSION) return unsupported(claimed);
  const named = incoming.header('mcp-method')?.trim();
  if (named !== method) return disagree('Mcp-Method', named, method);
  return findNameMistake(method, params, incoming.header('mcp-name')?.trim());
}

function findNameMistake(
  method: string,
  { name }: Readonly<Record<string, unknown>>,
  header: string | undefined,
): Era | null {
  if (method !== 'tools/call' || typeof name !== 'string') return null;
  const said = header === undefined ? undefined : decodeHeader(header);
  if (said === null) return mismatch('Mcp-Name is not Base64 of UTF-8 between =?base64? and ?=');
  return said === name ? null : disagree('Mcp-Name', said, name);
}

const ENCODED = /^=\?base64\?((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)\?=$/;

/** A header value that could not go as it is comes as Base64. Null: it says so, and is none. */
function decodeHeader(value: string): string | null {
  if (!(value.startsWith('=?base64?') && value.endsWith('?='))) return value;
  const encoded = ENCODED.exec(value)?.[1];
  if (encoded === undefined) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64'));
  } catch {
    return null;
  }
}

function disagree(header: string, said: string | undefined, body: string): Era {
  const quoted = JSON.stringify(body);
  return mismatch(
    said === undefined
      ? `the header ${header} is missing; the body says ${quoted}`
      : `the header ${header} does not say what the body does: ${quoted}`,
  );
}

function mismatch(message: string): Era {
  return refused(HEADER_MISMATCH, `Headers and body disagree: ${message}.`);
}

function unsupported(requested: string): Era {
  const message = `The protocol version ${JSON.stringify(requested)} is not spoken here.`;
  const data = { supported: [MODERN_VERSION], requested };
  return { kind: 'refused', error: { code: UNSUPPORTED_PROTOCOL_VERSION, message, data, status: 400 } };
}

function refused(code: number, message: string): Era {
  return { kind: 'refused', error: { code, message, status: 400 } };
}
