import { startSource } from '../../support/start-source.js';

const GATEWAY = new URL('../../attacks/support/gateway-process.ts', import.meta.url);

/** A process of its own, from the sources, which runs until it is disposed of. */
export interface Program extends AsyncDisposable {
  readonly url: string;
}

export async function startProgram(
  program: URL,
  environment: Readonly<Record<string, string>>,
): Promise<Program> {
  const { firstLine, kill } = await startSource(program, { environment });
  return { url: firstLine, [Symbol.asyncDispose]: kill };
}

export function startGateway(environment: Readonly<Record<string, string>>): Promise<Program> {
  return startProgram(GATEWAY, {
    HOST: '127.0.0.1',
    PORT: '0',
    INVOKE_ALLOW_LOOPBACK_TOOLS: '1',
    ...environment,
  });
}
