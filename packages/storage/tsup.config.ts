import { library } from '../../tsup.base.js';

export default library({
  index: 'src/index.ts',
  sqlite: 'src/sqlite.ts',
  postgres: 'src/postgres.ts',
  'sqlite-writer-thread': 'src/dialect/sqlite-writer-thread.ts',
});
