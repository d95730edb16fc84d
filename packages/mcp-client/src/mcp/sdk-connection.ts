import type { JsonObject } from '@invoke/contract';
import type {
  Client,
  JSONRPCMessage,
  JsonSchemaValidator,
  jsonSchemaValidator,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import type { Connection, RpcCall, Upstream } from './connection.js';
import { postRpc } from './post-rpc.js';
import { isObject } from './rpc-message.js';
import { FRAME_HEADER, HANDSHAKE_TIMEOUT_MS, type Frame, type SdkWire } from './sdk-wire.js';

/** Our own clocks run out first: they know what has been written. */
const SDK_TIMEOUT_MS = HANDSHAKE_TIMEOUT_MS + 60_000;

/**
 * The SDK never gets to see a true result, so it has nothing to validate. Its own validator compiles the schemas of
 * strangers with one shared instance of Ajv and must not even be created.
 */
const noValidation: jsonSchemaValidator = {
  getValidator<T>(): JsonSchemaValidator<T> {
    return (input) => ({ valid: true, data: input as T, errorMessage: undefined });
  },
};

/** Agrees with a server on a protocol revision. Rejects where the SDK does; the wire knows why. */
export async function openSdkConnection(
  wire: SdkWire,
  upstream: Upstream,
  knownLegacy: boolean,
): Promise<Connection> {
  /* Loaded at the first call: it takes a third of a second, which the start of the gateway need not. */
  const sdk = await import('@modelcontextprotocol/client');
  const client = new sdk.Client(
    { name: 'invoke', version: upstream.version },
    {
      versionNegotiation: { mode: 'auto', probe: { timeoutMs: SDK_TIMEOUT_MS } },
      inputRequired: { autoFulfill: false },
      jsonSchemaValidator: noValidation,
    },
  );
  const transport = new sdk.StreamableHTTPClientTransport(upstream.url, {
    fetch: wire.fetch,
    requestInit: { redirect: 'error' },
  });
  wire.onOther = (message) => {
    try {
      transport.onmessage?.(message as JSONRPCMessage);
    } catch {
      /* Whatever else a server sends along, it does not end our call. */
    }
  };
  const prior = knownLegacy ? { prior: { kind: 'legacy' as const } } : {};
  await client.connect(transport, { timeout: SDK_TIMEOUT_MS, ...prior });
  return toConnection(wire, upstream, { client, transport });
}

/**
 * Calls on an open connection. The SDK frames them: it knows the headers and the envelope of each revision. It does not send
 * them and does not read the answers. It would judge results by schemas (a bare result of an old server is none of them),
 * convert them (large numbers lose digits), tell a stream that broke off only by a timeout, and cost three times as much.
 * A frame depends on the tool, not on the call, and is kept.
 */
function toConnection(
  wire: SdkWire,
  { pools, url }: Upstream,
  { client, transport }: { readonly client: Client; readonly transport: StreamableHTTPClientTransport },
): Connection {
  const frameOf = createFramer(wire, client);
  /* 0 was `initialize`, and an id is used once per session. */
  let lastId = 0;
  let inFlight = 0;
  let closing = false;

  async function leave(): Promise<void> {
    await transport.terminateSession().catch(() => {});
    await client.close().catch(() => {});
  }

  return {
    era: client.getProtocolEra() === 'modern' ? 'modern' : 'legacy',
    hasSession: transport.sessionId !== undefined,
    async call(call) {
      inFlight += 1;
      try {
        const frame = await frameOf(call);
        const id = ++lastId;
        const { mayStillSend, deadlineMs } = call;
        const headers = { ...call.headers, ...frame.headers };
        return await postRpc(pools, {
          url,
          headers,
          body: JSON.stringify({ ...frame.message, id, params: toParams(frame, call) }),
          id,
          mayStillSend,
          deadlineMs,
          onOther: (message) => wire.onOther(message),
        });
      } finally {
        inFlight -= 1;
        if (closing && inFlight === 0) void leave();
      }
    },
    async close() {
      closing = true;
      if (inFlight === 0) await leave();
    },
  };
}

function toParams(frame: Frame, call: RpcCall): JsonObject {
  const params = isObject(frame.message['params']) ? frame.message['params'] : {};
  const envelope = isObject(params['_meta']) ? params['_meta'] : {};
  return { ...params, name: call.name, arguments: call.arguments, _meta: { ...call.meta, ...envelope } };
}

function createFramer(wire: SdkWire, client: Client): (call: RpcCall) => Promise<Frame> {
  const frames = new Map<string, Frame>();
  let lastToken = 0;

  return async (call) => {
    const known = frames.get(call.name);
    if (known !== undefined) return known;
    const token = String(++lastToken);
    const mirrors = JSON.stringify(call.inputSchema).includes('"x-mcp-header"');
    const options = { headers: { [FRAME_HEADER]: token } };
    if (mirrors) {
      /* Only callTool puts params into headers (SEP-2243). */
      const toolDefinition = {
        name: call.name,
        inputSchema: { ...call.inputSchema, type: 'object' as const },
      };
      await client.callTool({ name: call.name, arguments: call.arguments }, { ...options, toolDefinition });
    } else {
      await client.request({ method: 'tools/call', params: { name: call.name } }, options);
    }
    const frame = wire.takeFrame(token);
    if (frame === null) throw new Error('the SDK did not frame the call');
    if (!mirrors) frames.set(call.name, frame);
    return frame;
  };
}
