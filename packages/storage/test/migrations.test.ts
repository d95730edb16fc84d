import { readFileSync } from 'node:fs';
import { execution, startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresStore } from '../src/postgres.js';

let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres[Symbol.asyncDispose]());

/** What there is in the schema `public`, in words. */
async function describeSchema(url: string): Promise<unknown> {
  return {
    columns: await postgres.query(
      `select table_name, column_name, data_type, is_nullable, collation_name, identity_generation
       from information_schema.columns where table_schema = 'public' order by 1, ordinal_position`,
      url,
    ),
    indexes: await postgres.query(
      `select indexname, indexdef from pg_indexes where schemaname = 'public' order by 1`,
      url,
    ),
    security: await postgres.query(
      `select relname, relrowsecurity, relforcerowsecurity from pg_class
       where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
      url,
    ),
    versions: await postgres.query('select version, name from invoke_schema order by 1', url),
  };
}

const SCHEMA = new URL('../../../supabase/schema.sql', import.meta.url);

async function waitingForLock(url: string): Promise<void> {
  const waiting = `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`;
  while ((await postgres.query(waiting, url))[0]?.['n'] === 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('migrations', () => {
  test('of three gateways that start at once, all come up on one schema', async () => {
    const connectionString = await postgres.createDatabase();
    const stores = await Promise.all([1, 2, 3].map(() => createPostgresStore({ connectionString })));
    const results = await Promise.all(
      stores.map((store, i) => store.executions.claim(execution({ id: `exec_${i}`, keyDigest: 'one' }))),
    );
    expect(results.filter((result) => result.kind === 'claimed')).toHaveLength(1);
    const secrets = await Promise.all(stores.map((store) => store.instanceSecret()));
    expect(new Set(secrets).size).toBe(1);
    expect(
      await postgres.query('select version, name from invoke_schema order by 1', connectionString),
    ).toEqual([
      { version: '1', name: 'initial' },
      { version: '2', name: 'control' },
      { version: '3', name: 'replicas' },
      { version: '4', name: 'tool outcomes' },
      { version: '5', name: 'steady indexes' },
      { version: '6', name: 'entities of the dead' },
      { version: '7', name: 'open settlements' },
    ]);
    await Promise.all(stores.map((store) => store.close()));
  });

  test('a gateway that comes second touches no table that the first one works on already', async () => {
    const connectionString = await postgres.createDatabase();
    const first = new pg.Client({ connectionString });
    await first.connect();
    await first.query(`select pg_advisory_lock(hashtext('invoke_schema'))`);
    const second = createPostgresStore({ connectionString });
    await waitingForLock(connectionString);
    await first.query(readFileSync(SCHEMA, 'utf8'));
    await first.query('begin; select * from invoke_registry');
    await first.query(`select pg_advisory_unlock(hashtext('invoke_schema'))`);
    const store = await second;
    expect(await store.executions.find('acme', 'exec_1')).toBeNull();
    await store.close();
    await first.end();
  });

  test('a schema that is newer than the program stops the start, unless it says that it can be worked on', async () => {
    const connectionString = await postgres.createDatabase();
    await (await createPostgresStore({ connectionString })).close();
    const future = (readableBy: number) =>
      `update invoke_settings set value = '${readableBy}' where name = 'schema_readable_by'`;
    await postgres.query(`insert into invoke_schema values (8, 'from the future')`, connectionString);
    await postgres.query(future(7), connectionString);
    await (await createPostgresStore({ connectionString })).close();
    await postgres.query(future(8), connectionString);
    await expect(createPostgresStore({ connectionString })).rejects.toThrow(
      'The database has schema version 8, and this program knows versions up to 7: it was written by a newer Invoke. Update this one.',
    );
  });

  test('two prefixes live side by side', async () => {
    const connectionString = await postgres.createDatabase();
    const stores = await Promise.all(
      ['a_', 'b_'].map((tablePrefix) => createPostgresStore({ connectionString, tablePrefix })),
    );
    const results = await Promise.all(
      stores.map((store) => store.executions.claim(execution({ id: 'exec_1' }))),
    );
    expect(results).toEqual([{ kind: 'claimed' }, { kind: 'claimed' }]);
    await Promise.all(stores.map((store) => store.close()));
  });
});

describe('supabase/schema.sql', () => {
  const schema = readFileSync(SCHEMA, 'utf8');

  beforeAll(async () => {
    for (const role of ['anon', 'authenticated', 'service_role']) {
      const bypass = role === 'service_role' ? 'bypassrls' : '';
      await postgres.query(
        `do $$ begin if not exists (select from pg_roles where rolname = '${role}') then create role ${role} ${bypass}; end if; end $$`,
      );
    }
  });

  test('makes what the migrations make, twice over, and leaves them nothing to do', async () => {
    const [bySql, byMigrations] = [await postgres.createDatabase(), await postgres.createDatabase()];
    await postgres.query(schema, bySql);
    await postgres.query(schema, bySql);
    await (await createPostgresStore({ connectionString: byMigrations })).close();
    const before = await describeSchema(bySql);
    expect(before).toEqual(await describeSchema(byMigrations));
    const store = await createPostgresStore({ connectionString: bySql });
    expect(await store.check()).toEqual({ ok: true });
    await store.close();
    expect(await describeSchema(bySql)).toEqual(before);
  });

  test.for(['schema.sql', 'migrations'])('%s: nothing is open to anon and authenticated', async (source) => {
    const url = await postgres.createDatabase();
    // As Supabase does: what is created in public is granted to its roles.
    await postgres.query(
      `alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
       alter default privileges in schema public grant all on sequences to anon, authenticated, service_role`,
      url,
    );
    if (source === 'schema.sql') await postgres.query(schema, url);
    else await (await createPostgresStore({ connectionString: url })).close();
    const grants = await postgres.query(
      `select grantee, table_name from information_schema.role_table_grants
       where table_schema = 'public' and grantee in ('anon', 'authenticated', 'PUBLIC')`,
      url,
    );
    expect(grants).toEqual([]);
    const counters = await postgres.query(
      `select relname from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace
       and (has_sequence_privilege('anon', oid, 'USAGE') or has_sequence_privilege('authenticated', oid, 'SELECT'))`,
      url,
    );
    expect(counters).toEqual([]);
    const exposed = await postgres.query(
      `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
       and not (relrowsecurity and relforcerowsecurity)`,
      url,
    );
    expect(exposed).toEqual([]);
    expect(await postgres.query(`select * from pg_policies where schemaname = 'public'`, url)).toEqual([]);
    await expect(postgres.query('set role anon; select * from invoke_settings', url)).rejects.toThrow(
      /permission denied/,
    );
    const asService = await postgres.query(
      'set role service_role; select count(*) as n from invoke_settings',
      url,
    );
    expect(asService).toEqual([{ n: '1' }]);
  });
});
