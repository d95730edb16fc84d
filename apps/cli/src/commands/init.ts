import { relative, sep } from 'node:path';
import { ask } from '../ask.js';
import { defineCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { createProject, TEMPLATES } from '../project/create-project.js';

export const init = defineCommand({
  describe:
    'Writes a project with an MCP server that runs as it is, the description of its tools for Invoke, and an agent that calls them. default: an echo tool. linear: creates issues in Linear. crm-guardrail: changes customers, and the wrong customer is not touched.',
  positionals: { dir: { describe: 'The new folder' } },
  options: {
    template: { type: 'string', describe: 'What to start from', choices: TEMPLATES, default: 'default' },
    force: { type: 'boolean', describe: 'Write over files that exist' },
  },
  examples: [
    { command: 'invoke init support-agent --template crm-guardrail', describe: 'a CRM behind Invoke' },
  ],
  async run(args, context) {
    const { io, terminal, json } = context;
    const directory =
      args.dir ?? (await ask(context, { message: 'Name of the new folder', option: '<dir>' }));
    const { template, force } = args;
    const { folder, files } = await createProject({
      directory,
      template,
      force,
      cwd: io.cwd,
      assets: io.assets,
    });
    if (json) terminal.printJson({ path: folder, template, files });
    else {
      const way = relative(io.cwd, folder) || '.';
      const own = files.filter((file) => !file.startsWith('vendor'));
      terminal.note(`${terminal.style('green', 'Created')} ${way} from the template ${template}:`);
      terminal.note(own.map((file) => `  ${file}`).join('\n'));
      terminal.note(`  vendor${sep} (the SDK, ${files.length - own.length} files)`);
      const quoted = /[^\w./-]/.test(way) ? `'${way.replaceAll("'", String.raw`'\''`)}'` : way;
      terminal.note(`Next:\n  cd ${quoted}\n  invoke dev install\n  invoke deploy`);
    }
    return EXIT.ok;
  },
});
