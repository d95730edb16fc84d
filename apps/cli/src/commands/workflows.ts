import type { WorkflowDefinition } from '@invoke/sdk';
import { defineCommand, defineGroup } from '../command.js';
import { connect } from '../connect.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { toText } from '../output/cells.js';
import { visible } from '../output/visible.js';
import { readJsonFile } from '../read-json-file.js';

const list = defineCommand({
  options: CONNECTION_OPTIONS,
  async run(args, context) {
    const { client } = await connect(context, args);
    const workflows = await client.workflows.list({ signal: context.io.signal });
    if (context.json || context.agent) {
      context.terminal.printJson({ workflows });
      return EXIT.ok;
    }
    context.terminal.printTable(workflows, [
      { header: 'id', value: (row) => row.id, whole: true },
      { header: 'title', value: (row) => row.title },
      { header: 'steps', value: ({ steps }) => steps.map((one) => toText(one['step']) ?? '?').join(' -> ') },
      { header: 'description', value: (row) => row.description },
    ]);
    return EXIT.ok;
  },
});

const put = defineCommand({
  describe: 'Adds a workflow from a file, or changes it: {"id", "title", "description", "steps": [...]}.',
  positionals: { file: { describe: 'A JSON file, or - (standard input)', required: true } },
  options: CONNECTION_OPTIONS,
  async run(args, context) {
    const workflow = await readJsonFile(args.file, context.io);
    if (typeof workflow['id'] !== 'string') throw usageError(`${args.file} has no "id".`);
    const { client } = await connect(context, args);
    // The gateway says what else does not fit.
    const definition = workflow as unknown as WorkflowDefinition;
    const answer = await client.workflows.put(definition, { signal: context.io.signal });
    if (context.json || context.agent) context.terminal.printJson(answer);
    else context.terminal.note(`Saved. Run it with: invoke workflow ${visible(definition.id)}`);
    return EXIT.ok;
  },
});

export const workflows = defineGroup({
  default: 'list',
  members: {
    list: { summary: 'The workflows there are', command: list },
    put: { summary: 'Add one, or change it', command: put },
  },
});
