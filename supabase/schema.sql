-- The tables of Invoke on Supabase: run this in the SQL editor of the project whose connection string the gateway gets
-- as DATABASE_URL. It may be run again at any time. A gateway that finds the tables missing makes the same ones by itself.
--
-- Nobody gets in through Supabase's HTTP API: row level security is on and forced, there are no policies, and the roles
-- anon and authenticated have no rights. The gateway connects as postgres, or as another role that bypasses row level
-- security. The numbers in the index predicates order the states of an execution (packages/storage/src/stores/state-rank.ts).

begin;

select pg_advisory_xact_lock(hashtext('invoke_schema'));

create table if not exists invoke_schema (version bigint not null primary key, name text collate "C" not null);

-- 1: initial

create table if not exists invoke_executions (
  n bigint generated always as identity primary key,
  id text collate "C" not null unique,
  tenant text collate "C" not null,
  env text collate "C" not null,
  key_digest text collate "C" unique,
  idempotency_key text collate "C",
  fingerprint text collate "C" not null,
  tool text collate "C" not null,
  tool_version text collate "C" not null,
  action text collate "C",
  agent_id text collate "C",
  workflow text collate "C",
  key_id text collate "C" not null,
  entity_id text collate "C",
  trace_id text collate "C" not null,
  request text collate "C" not null,
  state text collate "C" not null,
  state_rank bigint not null,
  epoch bigint not null,
  seq bigint not null,
  owner text collate "C",
  token text collate "C" not null,
  journal text collate "C" not null,
  result_text text collate "C",
  outcome text collate "C",
  not_before_at bigint,
  created_at bigint not null,
  updated_at bigint not null,
  finished_at bigint,
  tombstone_until bigint
);

create index if not exists invoke_executions_by_tenant on invoke_executions (tenant, n) where state_rank < 60;

create index if not exists invoke_executions_by_tool on invoke_executions (tenant, tool, n) where state_rank < 60;

create index if not exists invoke_executions_by_agent on invoke_executions (tenant, agent_id, n) where agent_id is not null and state_rank < 60;

create index if not exists invoke_executions_by_state on invoke_executions (state_rank, tenant, n) where state_rank < 50;

create index if not exists invoke_executions_in_doubt on invoke_executions (tenant, env, entity_id) where entity_id is not null and state_rank >= 10 and state_rank < 30;

create index if not exists invoke_executions_finished on invoke_executions (finished_at, n) where state_rank >= 40 and state_rank < 60;

create index if not exists invoke_executions_tombstones on invoke_executions (tombstone_until, n) where state_rank = 60;

create table if not exists invoke_incarnations (
  id text collate "C" not null primary key,
  host text collate "C" not null,
  pid bigint not null,
  version text collate "C" not null,
  lease_until bigint not null
);

create table if not exists invoke_providers (
  id text collate "C" not null primary key,
  tenant text collate "C" not null,
  slug text collate "C" not null,
  name text collate "C" not null,
  owner_email text collate "C",
  webhook_secret text collate "C",
  created_at bigint not null,
  updated_at bigint not null,
  unique (tenant, slug)
);

create table if not exists invoke_tools (
  tenant text collate "C" not null,
  id text collate "C" not null,
  provider_id text collate "C" not null,
  definition text collate "C" not null,
  primary key (tenant, id)
);

create table if not exists invoke_tool_versions (
  tenant text collate "C" not null,
  version text collate "C" not null,
  definition text collate "C" not null,
  primary key (tenant, version)
);

create table if not exists invoke_traces (
  tenant text collate "C" not null,
  trace_id text collate "C" not null,
  execution_id text collate "C",
  agent_id text collate "C",
  tool text collate "C" not null,
  status text collate "C" not null,
  record text collate "C" not null,
  primary key (tenant, trace_id)
);

create index if not exists invoke_traces_by_tool on invoke_traces (tenant, tool, trace_id);

create index if not exists invoke_traces_by_status on invoke_traces (tenant, status, trace_id) where status <> 'completed';

create index if not exists invoke_traces_by_execution on invoke_traces (execution_id, trace_id) where execution_id is not null;

create table if not exists invoke_settings (
  name text collate "C" not null primary key,
  value text collate "C" not null
);

create table if not exists invoke_registry (
  id bigint not null primary key,
  revision bigint not null
);

insert into invoke_schema (version, name) values (1, 'initial') on conflict do nothing;

-- 2: control

create table if not exists invoke_approvals (
  n bigint generated always as identity primary key,
  id text collate "C" not null unique,
  tenant text collate "C" not null,
  execution_id text collate "C" not null,
  kind text collate "C" not null,
  state text collate "C" not null,
  version bigint not null,
  agent_id text collate "C",
  key_id text collate "C" not null,
  expires_at bigint not null,
  token text collate "C" not null,
  record text collate "C" not null
);

create index if not exists invoke_approvals_by_tenant on invoke_approvals (tenant, n);

create index if not exists invoke_approvals_by_state on invoke_approvals (tenant, state, n);

create index if not exists invoke_approvals_by_agent on invoke_approvals (tenant, agent_id, n) where agent_id is not null;

create index if not exists invoke_approvals_by_execution on invoke_approvals (execution_id, n);

create index if not exists invoke_approvals_pending_of on invoke_approvals (tenant, agent_id, key_id) where state = 'pending' and kind = 'approval';

create index if not exists invoke_approvals_pending_until on invoke_approvals (expires_at, n) where state = 'pending' and kind = 'approval';

create table if not exists invoke_outbox (
  n bigint generated always as identity primary key,
  id text collate "C" not null unique,
  tenant text collate "C" not null,
  channel text collate "C" not null,
  topic text collate "C" not null,
  body text collate "C" not null,
  created_at bigint not null,
  attempts bigint not null,
  due_at bigint not null,
  ended text collate "C",
  ended_at bigint,
  why text collate "C"
);

create index if not exists invoke_outbox_due on invoke_outbox (due_at, n) where ended is null;

create index if not exists invoke_outbox_delivered on invoke_outbox (ended_at, n) where ended = 'delivered';

create table if not exists invoke_settlements (
  n bigint generated always as identity primary key,
  tenant text collate "C" not null,
  provider text collate "C" not null,
  event_id text collate "C" not null,
  execution_id text collate "C",
  token text collate "C" not null,
  record text collate "C" not null,
  unique (tenant, provider, event_id)
);

create index if not exists invoke_settlements_by_execution on invoke_settlements (execution_id, n) where execution_id is not null;

create table if not exists invoke_budget_use (
  tenant text collate "C" not null,
  budget text collate "C" not null,
  subject text collate "C" not null,
  window_start bigint not null,
  window_end bigint not null,
  calls bigint not null,
  amount double precision not null,
  token text collate "C" not null,
  primary key (tenant, budget, subject, window_start)
);

create index if not exists invoke_budget_use_by_end on invoke_budget_use (window_end);

create index if not exists invoke_executions_by_time on invoke_executions (tenant, created_at) where state_rank < 60;

create table if not exists invoke_policies (
  tenant text collate "C" not null primary key,
  record text collate "C" not null
);

create table if not exists invoke_workflows (
  tenant text collate "C" not null,
  id text collate "C" not null,
  record text collate "C" not null,
  primary key (tenant, id)
);

insert into invoke_schema (version, name) values (2, 'control') on conflict do nothing;

-- 3: replicas

create table if not exists invoke_api_keys (
  id text collate "C" not null primary key,
  tenant text collate "C" not null,
  version bigint not null,
  revoked bigint not null,
  last_used_at bigint,
  record text collate "C" not null
);

create index if not exists invoke_api_keys_by_tenant on invoke_api_keys (tenant, id);

alter table invoke_settlements add column if not exists received_at bigint not null default 0;

create index if not exists invoke_settlements_by_time on invoke_settlements (received_at, n);

create index if not exists invoke_outbox_dead on invoke_outbox (ended_at, n) where ended = 'dead';

insert into invoke_schema (version, name) values (3, 'replicas') on conflict do nothing;

-- 4: tool outcomes

create index if not exists invoke_executions_by_tool_outcome on invoke_executions (tenant, tool, state_rank, n) where state_rank >= 40 and state_rank < 50;

insert into invoke_schema (version, name) values (4, 'tool outcomes') on conflict do nothing;

-- 5: steady indexes

insert into invoke_schema (version, name) values (5, 'steady indexes') on conflict do nothing;

-- 6: entities of the dead
drop index if exists invoke_executions_in_doubt;
create index if not exists invoke_executions_writing on invoke_executions (tenant, env, entity_id, n) where entity_id is not null and state_rank < 30;

insert into invoke_schema (version, name) values (6, 'entities of the dead') on conflict do nothing;

-- 7: open settlements
alter table invoke_settlements add column if not exists open bigint not null default 0;
create index if not exists invoke_settlements_open on invoke_settlements (open, n) where open = 1;

insert into invoke_schema (version, name) values (7, 'open settlements') on conflict do nothing;

insert into invoke_settings (name, value) values ('schema_readable_by', '1') on conflict (name) do update set value = excluded.value;

-- Closed to everybody but their owner and roles that bypass row level security.

do $$
declare
  bypasses boolean := (select rolsuper or rolbypassrls from pg_roles where rolname = current_user);
  closed text;
  counter regclass;
  reader text;
begin
  foreach closed in array array['invoke_executions', 'invoke_incarnations', 'invoke_providers', 'invoke_tools', 'invoke_tool_versions', 'invoke_traces', 'invoke_settings', 'invoke_registry', 'invoke_approvals', 'invoke_outbox', 'invoke_settlements', 'invoke_budget_use', 'invoke_policies', 'invoke_workflows', 'invoke_api_keys', 'invoke_schema'] loop
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
$$;

commit;
