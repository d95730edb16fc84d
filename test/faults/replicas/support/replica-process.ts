import { startSource } from '../../../support/start-source.js';
import { ask, REPLICA_ENVIRONMENT, type Answer, type Ask } from './replica.js';

/** The very program that operators run. */
const PROGRAM = new URL('../../../../apps/gateway/src/main.ts', import.meta.url);

export interface ReplicaProcess extends AsyncDisposable {
  readonly url: string;
  ask(line: string, options?: Ask): Promise<Answer>;
  /** Sends SIGTERM; resolves with the exit code when the process has ended. */
  terminate(): Promise<number | null>;
}

export async function startReplica(databaseUrl: string): Promise<ReplicaProcess> {
  const program = await startSource(PROGRAM, {
    environment: { ...REPLICA_ENVIRONMENT, DATABASE_URL: databaseUrl },
    quiet: true,
  });
  const url = program.firstLine.split(' ').at(-1) ?? '';
  return {
    url,
    ask: (line, options) => ask(url, line, options),
    terminate() {
      program.child.kill('SIGTERM');
      return program.ended;
    },
    [Symbol.asyncDispose]: program.kill,
  };
}
