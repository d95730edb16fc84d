import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import { EXIT } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { visible } from '../output/visible.js';
import { rememberTools } from '../settings/tools-cache.js';
import { toWireNames } from '../wire.js';

export const tools = defineCommand({
  describe: 'Lists the tools that your key may see. With words, those that match them best.',
  positionals: { words: { describe: 'What the tool should do, or part of its name', variadic: true } },
  options: CONNECTION_OPTIONS,
  examples: [
    { command: 'invoke tools', describe: 'all tools' },
    { command: 'invoke tools create issue --json', describe: 'with their capability cards' },
  ],
  async run(args, context) {
    const { client, settings } = await connect(context, args);
    const q = args.words.length === 0 ? undefined : args.words.join(' ');
    const list = await client.tools.list(q === undefined ? {} : { q }, { signal: context.io.signal });
    if (q === undefined)
      await rememberTools(
        context.io,
        settings.baseUrl.value,
        list.map((tool) => tool.id),
      );
    if (context.json) {
      context.terminal.printJson({ tools: list.map((tool) => toWireNames(tool)) });
      return EXIT.ok;
    }
    if (list.length === 0 && q !== undefined) {
      context.terminal.note(`No tool matches "${visible(q)}". All of them: invoke tools`);
      return EXIT.ok;
    }
    if (list.length === 0) {
      context.terminal.note(
        'No tools. Register some with: invoke init <dir>, then invoke dev install and invoke deploy',
      );
      return EXIT.ok;
    }
    context.terminal.printTable(list, [
      { header: 'id', value: (tool) => tool.id, whole: true },
      { header: 'class', value: (tool) => tool.toolClass },
      { header: 'risk', value: (tool) => tool.riskLevel },
      { header: 'approval', value: (tool) => tool.approvalRequired },
      { header: 'ready', value: (tool) => tool.configured },
      { header: 'description', value: (tool) => tool.description },
    ]);
    return EXIT.ok;
  },
});
