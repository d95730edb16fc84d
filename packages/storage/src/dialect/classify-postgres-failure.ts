/**
 * - `connection`: nobody knows whether the statement took effect, or it never left; a new connection may tell.
 * - `conflict`: rolled back because of others; the same statement may succeed now.
 * - `locked`: rolled back because somebody holds a lock for long; the same statement may succeed later.
 * - `statement`: rolled back because of what was in it.
 * - `server`: rolled back because of the state of the server; the same would happen to any other statement.
 */
export type PostgresFailure = 'connection' | 'conflict' | 'locked' | 'statement' | 'server';

/** By SQLSTATE (PostgreSQL, appendix A) where the server spoke; everything else came from the connection. */
export function classifyPostgresFailure(error: unknown): PostgresFailure {
  const code = sqlState(error);
  if (code === null) return 'connection';
  // Shut down, crashed or starting up; read-only after a failover: another connection leads to another server.
  if (code.startsWith('08') || code.startsWith('57P') || code === '25006' || code === '53300')
    return 'connection';
  // "Statement completion unknown": of the class of what is rolled back, and the one that may be committed.
  if (code === '40003') return 'connection';
  if (code === '40001' || code === '40P01') return 'conflict';
  if (code === '55P03') return 'locked';
  const ofTheStatement = ['21', '22', '23', '42', '54', 'XX'].includes(code.slice(0, 2));
  return ofTheStatement ? 'statement' : 'server';
}

function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null;
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}
