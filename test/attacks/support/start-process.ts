import { startSource } from '../../support/start-source.js';
import { keyEnvironment } from './keys.js';
import { send, type Answer, type Request } from './world.js';

const PROGRAM = new URL('./gateway-process.ts', import.meta.url);
const LEASE_MS = 1_000;

/** A gateway that can be killed like any process. */
export interface GatewayProcess extends AsyncDisposable {
  readonly url: string;
  request(request: Request): Promise<Answer>;
  /** SIGKILL: nothing of it runs any more when this resolves. */
  kill(): Promise<void>;
}

/** @param environment of the gateway, beside keys and address: where it stores */
export async function startProcess(environment: Readonly<Record<string, string>>): Promise<GatewayProcess> {
  const { firstLine: url, kill } = await startSource(PROGRAM, {
    environment: {
      HOST: '127.0.0.1',
      PORT: '0',
      INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
      INVOKE_LEASE_MS: String(LEASE_MS),
      ...keyEnvironment(),
      ...environment,
    },
  });
  return { url, request: (request) => send(url, request), kill, [Symbol.asyncDispose]: kill };
}
