import { InvokeError } from '@invoke/sdk';
import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import { EXIT } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { maskKey } from '../settings/settings.js';

export const whoami = defineCommand({
  describe:
    'Shows which gateway and key are used, where they come from, and whether the gateway takes the key.',
  options: CONNECTION_OPTIONS,
  async run(args, context) {
    const { client, settings } = await connect(context, args);
    const tools = await client.tools.list({}, { signal: context.io.signal }).catch((error: unknown) => {
      if (InvokeError.isInstance(error) && error.code === 'insufficient_scope') return undefined;
      throw error;
    });
    const { baseUrl, apiKey } = settings;
    const identity = {
      base_url: baseUrl.value,
      base_url_origin: baseUrl.origin,
      api_key: maskKey(apiKey?.value ?? ''),
      api_key_origin: apiKey?.origin ?? '',
      tools: tools?.length ?? null,
    };
    if (context.json) context.terminal.printJson(identity);
    else {
      const rows = Object.entries(identity).map(([name, value]) => ({ name, value }));
      context.terminal.printTable(rows, [
        { header: 'setting', value: (row) => row.name },
        { header: 'value', value: (row) => row.value },
      ]);
    }
    return EXIT.ok;
  },
});
