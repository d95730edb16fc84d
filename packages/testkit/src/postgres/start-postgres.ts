import { startEmbedded } from './embedded-server.js';
import { useExisting } from './existing-server.js';
import type { TestPostgres } from './test-postgres.js';

/**
 * Uses the server of DATABASE_URL_TEST where there is one; else starts one of its own, which takes about a second, lives in
 * the temporary folder and goes with the process, however that ends.
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<TestPostgres> {
  const existing = process.env['DATABASE_URL_TEST'];
  return existing !== undefined && Object.keys(settings).length === 0
    ? useExisting(existing)
    : startEmbedded(settings);
}
