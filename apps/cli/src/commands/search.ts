import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import { EXIT } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { usageError } from '../errors.js';
import { toUntrusted, toWireNames } from '../wire.js';

export const search = defineCommand({
  describe: 'Fresh context from the web, by the search provider of the gateway.',
  positionals: { query: { describe: 'What to look for', variadic: true } },
  options: {
    limit: { type: 'number', describe: 'How many results at most', default: 5 },
    ...CONNECTION_OPTIONS,
  },
  examples: [{ command: 'invoke search "latest MCP agent failures" --limit 3', describe: 'three sources' }],
  async run(args, context) {
    const query = args.query.join(' ').trim();
    if (query === '') throw usageError('<query> is missing.', ['invoke search --help']);
    const { client } = await connect(context, args);
    const answer = await client.search(query, { limit: args.limit, signal: context.io.signal });
    const { terminal, json, agent } = context;
    if (json || agent) {
      // The text of strangers, whoever reads it.
      const shown = agent ? { ...answer, results: toUntrusted(answer.results) } : answer;
      terminal.printJson(toWireNames(shown));
      return EXIT.ok;
    }
    if (answer.results.length === 0) terminal.note('No results.');
    for (const [at, { title, url, summary }] of answer.results.entries()) {
      terminal.print(`${at === 0 ? '' : '\n'}${at + 1}. ${title}\n   ${url}`);
      if (summary) terminal.print(`   ${summary.replace(/\s+/g, ' ')}`);
    }
    return EXIT.ok;
  },
});
