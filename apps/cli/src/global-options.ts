import type { Options } from './command.js';

/** Options of every command. */
export const GLOBAL_OPTIONS = {
  json: { type: 'boolean', describe: 'Print one JSON document, with the names of the API' },
  color: { type: 'boolean', describe: 'Use colour, also in a pipe; --no-color: never' },
  debug: { type: 'boolean', describe: 'Show stack traces' },
  help: { type: 'boolean', describe: 'Show help' },
} as const satisfies Options;

/** Options of every command that talks to a gateway. */
export const CONNECTION_OPTIONS = {
  'base-url': {
    type: 'string',
    describe: 'The gateway, instead of INVOKE_BASE_URL or the one of invoke login',
  },
  insecure: { type: 'boolean', describe: 'Allow plain http to a host that is not this machine' },
} as const satisfies Options;
