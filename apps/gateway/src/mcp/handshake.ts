import { LEGACY_VERSIONS, MODERN_VERSION } from './protocol.js';
import type { RpcParams } from './rpc.js';

/** Of this package, as it stands in package.json (a test holds the two together). */
export const GATEWAY_VERSION = '0.1.0';

export const SERVER_INFO = { name: 'invoke', title: 'Invoke', version: GATEWAY_VERSION } as const;

/** Tools, and nothing else. Lists are asked for again: nobody is called back. */
const CAPABILITIES = { tools: {} } as const;

const INSTRUCTIONS =
  'Calls go through Invoke, which makes sure that a side effect does not happen twice. An error result is JSON: `status` ' +
  'says where the call stands, `next` what to do. After `pending_approval`, `pending` or `unknown`, ask ' +
  'invoke_get_execution with the `execution_id`; do not make the same call again with other arguments.';

/** The answer to `initialize`: the version that was asked for where it is spoken here, else the newest. */
export function initializeResult({ protocolVersion }: RpcParams) {
  const spoken = LEGACY_VERSIONS.find((version) => version === protocolVersion) ?? LEGACY_VERSIONS[0];
  return {
    protocolVersion: spoken,
    capabilities: CAPABILITIES,
    serverInfo: SERVER_INFO,
    instructions: INSTRUCTIONS,
  };
}

/** The answer to `server/discover`. */
export function discoverResult() {
  return {
    supportedVersions: [MODERN_VERSION],
    capabilities: CAPABILITIES,
    instructions: INSTRUCTIONS,
    ...CACHE,
  };
}

/** What a key sees is nobody else's, and is asked for again soon. */
export const CACHE = { ttlMs: 30_000, cacheScope: 'private' } as const;
