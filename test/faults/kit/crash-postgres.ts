import type { TestPostgres } from '@invoke/testkit/stores';
import { sleep } from './sleep.js';

/** Crashes the server (SIGQUIT: no checkpoint, and recovery at the next start on the same files), and starts it again. */
export async function crashPostgres(server: TestPostgres, downMs = 0): Promise<void> {
  const { control } = server;
  if (control === null) throw new Error('this server is not ours to crash');
  await control.stop('immediate');
  await sleep(downMs);
  await control.start();
}
