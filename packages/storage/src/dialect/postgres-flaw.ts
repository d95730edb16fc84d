import type { TableNames } from '../tables.js';
import type { Session } from './postgres-session.js';

interface Settings {
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly messages: string;
  readonly recovery: boolean;
  readonly hidden: boolean;
}

/** Why this server would not keep what it acknowledges, or would not show it to us. */
export async function postgresFlaw(session: Session, tables: TableNames): Promise<string | null> {
  const rows = await session.query(
    `select current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes,
      current_setting('client_min_messages') as messages,
      pg_is_in_recovery() as recovery, row_security_active($1) as hidden`,
    [tables.executions],
  );
  const settings = rows[0] as Settings;
  if (settings.fsync !== 'on')
    return 'Postgres runs with fsync = off: a crash would lose acknowledged commits.';
  if (settings.full_page_writes !== 'on') {
    return 'Postgres runs with full_page_writes = off: a crash could corrupt acknowledged commits.';
  }
  if (settings.messages === 'error') {
    return 'Postgres runs with client_min_messages = error: it would not say that a commit did not reach its standby.';
  }
  if (settings.recovery) return 'This Postgres is a standby and takes no writes.';
  if (settings.hidden) {
    return 'Row level security hides the tables from this role: connect as their owner or as a role with BYPASSRLS.';
  }
  return null;
}
