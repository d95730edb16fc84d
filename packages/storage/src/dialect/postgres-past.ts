import { CompiledQuery } from 'kysely';
import type { Past } from './dialect.js';
import { SessionFailure, type Session } from './postgres-session.js';

/** What this role may ask. Control functions may be kept from it (managed servers), and other servers do not have them. */
const RIGHTS = `select
  coalesce(has_function_privilege(to_regprocedure('pg_catalog.pg_control_system()'), 'execute'), false) as control,
  coalesce(has_function_privilege(to_regprocedure('pg_catalog.pg_walfile_name(pg_lsn)'), 'execute'), false)
    and coalesce(has_function_privilege(to_regprocedure('pg_catalog.pg_current_wal_flush_lsn()'), 'execute'), false) as log`;

interface Line {
  readonly line: string;
}

interface Rights {
  readonly control: boolean;
  readonly log: boolean;
}

/**
 * The timeline that is written now, by the name of the log's file: pg_control_checkpoint() goes on telling the one before
 * until the first checkpoint after a promotion.
 */
function lineQuery({ control, log }: Rights): string {
  const cluster = control ? '(select system_identifier::text from pg_control_system())' : `'?'`;
  const timeline = log ? 'substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8)' : `'?'`;
  return `select ${cluster} || '/' || ${timeline} as line`;
}

export interface PostgresPast extends Past {
  /** Before anything else is asked on a new connection. Rejects where it leads to another past. */
  inspect(session: Session): Promise<void>;
  /** True from when another past was met until somebody has looked at it. */
  readonly halted: boolean;
}

/** Every failover breaks connections: so each new one is asked which past it leads to. Pollers find what a pooler hides. */
export function createPostgresPast(): PostgresPast {
  let query: string | null = null;
  let known: string | null = null;
  let halted = false;
  let changed = (): void => undefined;

  return {
    mayForget: true,
    get halted() {
      return halted;
    },
    *line() {
      const [rights] = (yield CompiledQuery.raw(RIGHTS)) as readonly Rights[];
      query = lineQuery(rights ?? { control: false, log: false });
      const [row] = (yield CompiledQuery.raw(query)) as readonly Line[];
      return row?.line ?? '?';
    },
    hadPast: () => false,
    looked(line) {
      known = line;
    },
    watch(told) {
      changed = told;
    },
    resume() {
      halted = false;
    },
    async inspect(session) {
      if (query === null || known === null) return;
      const [row] = (await session.query(query)) as readonly Line[];
      if (row === undefined || row.line === known) return;
      const first = !halted;
      halted = true;
      if (first) changed();
      throw new SessionFailure('not_sent', 'The database has another past than before.');
    },
  };
}
