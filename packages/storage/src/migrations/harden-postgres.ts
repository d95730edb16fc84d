import type { TableNames } from '../tables.js';

/**
 * Closes the tables to everybody but their owner and roles that bypass row level security: with Supabase, every table of
 * the schema is otherwise offered to the roles anon and authenticated over HTTP. There are no policies, so row level
 * security shows nothing; it is also forced on the owner where the owner is a role that bypasses it. A table that is closed
 * already is not touched: to alter it would stop every gateway that works on it until the migration is committed.
 */
export function hardenPostgres(tables: TableNames): readonly string[] {
  const names = Object.values(tables);
  return [
    `do $$
declare
  bypasses boolean := (select rolsuper or rolbypassrls from pg_roles where rolname = current_user);
  closed text;
  counter regclass;
  reader text;
begin
  foreach closed in array array[${names.map((name) => `'${name}'`).join(', ')}] loop
    if not (select relrowsecurity from pg_class where oid = closed::regclass) then
      execute format('alter table %I enable row level security', closed);
    end if;
    if bypasses and not (select relforcerowsecurity from pg_class where oid = closed::regclass) then
      execute format('alter table %I force row level security', closed);
    end if;
    execute format('revoke all on %I from public', closed);
    for reader in select rolname from pg_roles where rolname in ('anon', 'authenticated') loop
      execute format('revoke all on %I from %I', closed, reader);
      for counter in select d.objid from pg_depend d join pg_class c on c.oid = d.objid
        where d.refobjid = closed::regclass and d.classid = 'pg_class'::regclass and c.relkind = 'S' loop
        execute format('revoke all on sequence %s from %I', counter, reader);
      end loop;
    end loop;
  end loop;
end
$$`,
  ];
}
