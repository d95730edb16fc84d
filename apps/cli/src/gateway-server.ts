import { failure, systemCode } from './errors.js';

export interface LocalGateway {
  /** Where it listens. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a gateway in this process; the one place that knows the package it comes in.
 * @param env its settings, by the names of the gateway's environment variables
 * @throws CliError where a setting cannot be used, or where it cannot start
 */
export async function startLocalGateway(
  env: Readonly<Record<string, string | undefined>>,
): Promise<LocalGateway> {
  const { parseConfig, startGateway } = await import('@invoke/gateway');
  const parsed = parseConfig(env);
  if (parsed.kind === 'invalid')
    throw failure('gateway_config', parsed.problems.join('\n  '), ['invoke gateway --help']);
  try {
    return await startGateway(parsed.config);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const next = NEXT[systemCode(error) ?? ''] ?? ['invoke doctor'];
    throw failure('gateway_start', `The gateway cannot start: ${message}`, next);
  }
}

/** What helps, by the code of the error. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  EADDRINUSE: ['invoke gateway --port <another>', 'invoke status'],
  NO_DATA_FOLDER: ['invoke gateway --data-dir <another folder>'],
  DATA_IN_USE: [
    'invoke gateway --data-dir <another folder>',
    'invoke gateway --database-url <a Postgres for several gateways>',
  ],
};
