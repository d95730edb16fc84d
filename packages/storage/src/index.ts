export { makeFolder } from './dialect/make-folder.js';
export { SCHEMA_VERSION } from './migrations/migrations.js';
export { createTableNames, DEFAULT_TABLE_PREFIX } from './tables.js';
