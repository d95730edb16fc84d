import { describeStore, describeStoreAgainstOracle } from '@invoke/testkit';
import { openSqlite } from './support/open-sqlite.js';

describeStore('SQLite', openSqlite);
describeStoreAgainstOracle('SQLite', openSqlite, { seed: 1, steps: 2000 });
