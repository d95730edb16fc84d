import { library } from '../../tsup.base.js';

export default library({
  index: 'src/index.ts',
  domain: 'src/domain/index.ts',
  ports: 'src/ports/index.ts',
  adapters: 'src/adapters.ts',
});
