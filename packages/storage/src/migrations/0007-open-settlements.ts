import type { Migration } from './migration.js';

/**
 * Events that were kept while their call was under way, until they are judged for good: whoever ends the call may stop before
 * it has done so. Programs of before write none as open, and judge as they did.
 */
export const openSettlements: Migration = {
  version: 7,
  name: 'open settlements',
  statements: (t, { int, addColumn }) => [
    `alter table ${t.settlements} ${addColumn} open ${int} not null default 0`,
    `create index if not exists ${t.settlements}_open on ${t.settlements} (open, n) where open = 1`,
  ],
};
