import { defineCommand, defineGroup } from '../command.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { toTime } from '../output/cells.js';
import { visible } from '../output/visible.js';
import { parseJsonOption } from '../params/parse-params.js';
import {
  printExplanation,
  printMistakes,
  printSimulation,
  printTestReport,
  SIMULATION_SHAPE,
} from '../policy/print-policy.js';
import { readJsonFile } from '../read-json-file.js';
import type { JsonRecord } from '../records.js';
import { toWireNames } from '../wire.js';

const FILE = 'A policy document: JSON, or - (standard input)';
const WHEN_OPTION = { type: 'string', describe: 'One expression instead of a document' } as const;
const CALL_OPTION = {
  type: 'string',
  describe: 'The call, as JSON or @file.json: {"tool", "params", "action", "agent_id", "state", ...}',
} as const;

const show = defineCommand({
  options: CONNECTION_OPTIONS,
  async run(args, context) {
    const { client } = await connect(context, args);
    const stored = await client.policy.get({ signal: context.io.signal });
    if (context.json || context.agent) {
      context.terminal.printJson(toWireNames(stored));
      return EXIT.ok;
    }
    const { terminal } = context;
    if (stored.document === null)
      terminal.note('No rules are stored. Store some with: invoke policy put <file>');
    else terminal.printJson(stored.document);
    if (stored.updatedAt !== null)
      terminal.note(visible(`stored ${toTime(stored.updatedAt)} by ${stored.updatedBy}`));
    if (stored.broken !== null) terminal.note(visible(`broken, every call is denied: ${stored.broken}`));
    return EXIT.ok;
  },
});

const put = defineCommand({
  describe: 'Replaces the stored rules and budgets by those of a file, where all of it can be used.',
  positionals: { file: { describe: FILE, required: true } },
  options: CONNECTION_OPTIONS,
  async run(args, context) {
    const document = await readJsonFile(args.file, context.io);
    const { client } = await connect(context, args);
    const stored = await client.policy.put(document, { signal: context.io.signal });
    if (context.json || context.agent) context.terminal.printJson(toWireNames(stored));
    else context.terminal.note('Stored. It holds from the next call on.');
    return EXIT.ok;
  },
});

const check = defineCommand({
  describe: 'Shows what is wrong with a document or an expression, with a caret under each place.',
  positionals: { file: { describe: FILE } },
  options: { when: WHEN_OPTION, ...CONNECTION_OPTIONS },
  examples: [
    { command: 'invoke policy check policy.json', describe: 'a document' },
    {
      command: `invoke policy check --when 'action == git_push and branch == main'`,
      describe: 'an expression',
    },
  ],
  async run(args, context) {
    const { file, when } = args;
    const what = await readEither(file, when, context);
    if (what === undefined) throw usageError('<file> is missing, or --when.', ['invoke policy check --help']);
    const { client } = await connect(context, args);
    const report = await client.policy.check({ ...what, signal: context.io.signal });
    if (context.json || context.agent) context.terminal.printJson(toWireNames(report));
    else printMistakes(report, context.terminal);
    return report.valid ? EXIT.ok : EXIT.failure;
  },
});

const test = defineCommand({
  describe: 'Holds the tests of a document, or those of --tests, against it. Exit code 1 where one fails.',
  positionals: { file: { describe: FILE, required: true } },
  options: {
    tests: { type: 'string', describe: 'A JSON file {"tests": [...]} instead of those of the document' },
    ...CONNECTION_OPTIONS,
  },
  async run(args, context) {
    const document = await readJsonFile(args.file, context.io);
    const tests = args.tests === undefined ? undefined : await readTests(args.tests, context);
    const { client } = await connect(context, args);
    const what = tests === undefined ? { document } : { document, tests };
    const report = await client.policy.test({ ...what, signal: context.io.signal });
    if (context.json || context.agent) context.terminal.printJson(toWireNames(report));
    else printTestReport(report, context.terminal);
    return report.failed === 0 ? EXIT.ok : EXIT.failure;
  },
});

const explain = defineCommand({
  describe:
    'Why a call is decided as it is: the verdict, and the value of every part of the rules; of a document, of one expression, or (neither given) of the rules in force.',
  positionals: { file: { describe: FILE } },
  options: { call: CALL_OPTION, when: WHEN_OPTION, ...CONNECTION_OPTIONS },
  examples: [
    {
      command: `invoke policy explain policy.json --call '{"tool":"git","action":"git_push","params":{"branch":"main"}}'`,
      describe: 'rule by rule',
    },
  ],
  async run(args, context) {
    const { file, when } = args;
    const call = await readCall(args.call, context);
    if (call === undefined) throw usageError('--call is missing.', ['invoke policy explain --help']);
    const what = (await readEither(file, when, context)) ?? {};
    const { client } = await connect(context, args);
    const answer = await client.policy.explain({ ...what, call, signal: context.io.signal });
    if (context.json || context.agent) context.terminal.printJson(toWireNames(answer));
    else printExplanation(answer, context.terminal);
    return EXIT.ok;
  },
});

const simulate = defineCommand({
  describe:
    'What a document would decide otherwise than the rules in force: of the newest executions (--last), of one call (--call), or of both.',
  positionals: { file: { describe: FILE, required: true } },
  options: {
    last: { type: 'number', describe: 'How many of the newest executions (default: 100, without --call)' },
    call: CALL_OPTION,
    ...CONNECTION_OPTIONS,
  },
  async run(args, context) {
    const document = await readJsonFile(args.file, context.io);
    const call = await readCall(args.call, context);
    const last = args.last ?? (call === undefined ? 100 : undefined);
    const { client } = await connect(context, args);
    const given = {
      document,
      ...(call === undefined ? {} : { call }),
      ...(last === undefined ? {} : { last }),
    };
    const answer = await client.policy.simulate({ ...given, signal: context.io.signal });
    if (context.json || context.agent) context.terminal.printJson(toWireNames(answer, SIMULATION_SHAPE));
    else printSimulation(answer, context.terminal);
    return EXIT.ok;
  },
});

export const policy = defineGroup({
  default: 'show',
  members: {
    show: { summary: 'The rules and budgets that are stored', command: show },
    put: { summary: 'Store those of a file', command: put },
    check: { summary: 'What is wrong with a document', command: check },
    test: { summary: 'Run the tests of a document', command: test },
    explain: { summary: 'Why a call is decided as it is', command: explain },
    simulate: { summary: 'What a document would decide otherwise', command: simulate },
  },
});

type Either = { readonly document: JsonRecord } | { readonly when: string };

/** @throws CliError (usage) where both are given */
async function readEither(
  file: string | undefined,
  when: string | undefined,
  { io }: Context,
): Promise<Either | undefined> {
  if (file !== undefined && when !== undefined) throw usageError('Give a file or --when, not both.');
  if (when !== undefined) return { when };
  return file === undefined ? undefined : { document: await readJsonFile(file, io) };
}

async function readCall(text: string | undefined, { io }: Context): Promise<JsonRecord | undefined> {
  return text === undefined ? undefined : parseJsonOption(text, '--call', io);
}

async function readTests(file: string, { io }: Context): Promise<readonly JsonRecord[]> {
  const { tests } = await readJsonFile(file, io);
  if (Array.isArray(tests)) return tests as readonly JsonRecord[];
  throw usageError(`${file} has no list "tests".`);
}
