import type { Migration } from './migration.js';

/**
 * What a gateway that is gone had sent is in doubt from the end of its lease on, not only once somebody has taken it over: so
 * the index by which an entity in doubt is found holds what is running as well. Programs of before ask for a part of the same
 * range, and find it here. Only a call that names an entity is written to it: once when it is claimed, and taken out at its end.
 */
export const entitiesOfTheDead: Migration = {
  version: 6,
  name: 'entities of the dead',
  statements: (t) => [
    `drop index if exists ${t.executions}_in_doubt`,
    `create index if not exists ${t.executions}_writing on ${t.executions} (tenant, env, entity_id, n) where entity_id is not null and state_rank < 30`,
  ],
};
