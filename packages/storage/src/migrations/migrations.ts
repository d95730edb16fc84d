import { initial } from './0001-initial.js';
import { control } from './0002-control.js';
import { replicas } from './0003-replicas.js';
import { toolOutcomes } from './0004-tool-outcomes.js';
import { steadyIndexes } from './0005-steady-indexes.js';
import { entitiesOfTheDead } from './0006-entities-of-the-dead.js';
import { openSettlements } from './0007-open-settlements.js';
import type { Migration } from './migration.js';

/** All of them, oldest first. */
export const MIGRATIONS: readonly Migration[] = [
  initial,
  control,
  replicas,
  toolOutcomes,
  steadyIndexes,
  entitiesOfTheDead,
  openSettlements,
];

export const SCHEMA_VERSION = MIGRATIONS.length;
