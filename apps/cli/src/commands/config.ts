import { defineCommand, defineGroup } from '../command.js';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { credentialsPath } from '../settings/credentials.js';
import { invokeHome } from '../settings/home.js';
import { maskKey, resolveSettings, type ConnectionFlags } from '../settings/settings.js';

const list = defineCommand({
  options: CONNECTION_OPTIONS,
  async run(args, context) {
    const rows = await readAll(context, args);
    if (context.json) {
      const entries = rows.map(({ name, value, origin }) => [name, { value, origin }] as const);
      context.terminal.printJson(Object.fromEntries(entries));
    } else {
      context.terminal.printTable(rows, [
        { header: 'name', value: (row) => row.name },
        { header: 'value', value: (row) => row.value },
        { header: 'from', value: (row) => row.origin },
      ]);
    }
    return EXIT.ok;
  },
});

const get = defineCommand({
  positionals: { name: { describe: 'base_url, api_key (masked), home or credentials_file', required: true } },
  options: CONNECTION_OPTIONS,
  async run(args, context) {
    const rows = await readAll(context, args);
    const row = rows.find(({ name }) => name === args.name);
    if (row === undefined) {
      throw usageError(
        `There is no setting "${args.name}". There are ${rows.map(({ name }) => name).join(', ')}.`,
        ['invoke config'],
      );
    }
    if (context.json) context.terminal.printJson({ [row.name]: row.value });
    else context.terminal.print(row.value ?? '');
    return EXIT.ok;
  },
});

export const config = defineGroup({
  default: 'list',
  members: {
    list: { summary: 'All settings and where they come from', command: list },
    get: { summary: 'One setting', command: get },
  },
});

async function readAll({ io }: Context, flags: ConnectionFlags) {
  const { baseUrl, apiKey } = await resolveSettings(io, flags);
  return [
    { name: 'base_url', value: baseUrl.value, origin: baseUrl.origin },
    {
      name: 'api_key',
      value: apiKey === undefined ? null : maskKey(apiKey.value),
      origin: apiKey?.origin ?? null,
    },
    { name: 'home', value: invokeHome(io), origin: io.env['INVOKE_HOME'] ? 'INVOKE_HOME' : 'default' },
    { name: 'credentials_file', value: credentialsPath(io), origin: 'home' },
  ];
}
