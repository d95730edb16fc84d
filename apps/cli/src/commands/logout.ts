import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { credentialsPath, deleteCredentials } from '../settings/credentials.js';

export const logout = defineCommand({
  describe:
    'Deletes what invoke login has saved. The key itself stays valid until it is revoked at the gateway.',
  async run(_, { io, terminal, json }) {
    await deleteCredentials(io);
    const path = credentialsPath(io);
    if (json) terminal.printJson({ logged_out: true, path });
    else terminal.note(`Logged out: ${path} is gone.`);
    if (io.env['INVOKE_API_KEY'] || io.env['TRACE_API_KEY']) {
      terminal.note(
        'note: the key in your environment is still used; unset INVOKE_API_KEY and TRACE_API_KEY too.',
      );
    }
    return EXIT.ok;
  },
});
