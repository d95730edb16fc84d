import type { ApiKey, IssuedKey, KeyLimits } from '@invoke/sdk';
import { defineCommand, defineGroup } from '../command.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { toTime } from '../output/cells.js';
import { parseJsonOption } from '../params/parse-params.js';
import { toWireNames } from '../wire.js';

const KEY_SHAPE = { grant: {}, secrets: {} } as const;
const LISTS = ['invoke keys list'] as const;
const KEY_ID = { key: { describe: 'Its id: key_...', required: true } } as const;

const list = defineCommand({
  options: CONNECTION_OPTIONS,
  async run(args, context) {
    const { client } = await connect(context, args);
    const keys = await client.keys.list({ signal: context.io.signal });
    const { terminal } = context;
    if (context.json || context.agent) {
      terminal.printJson({ keys: keys.map((key) => toWireNames(key, KEY_SHAPE)) });
    } else if (keys.length === 0) terminal.note('No stored keys. Make one with: invoke keys create <name>');
    else {
      terminal.printTable(keys, [
        { header: 'id', value: (key) => key.id, whole: true },
        { header: 'name', value: (key) => key.name },
        { header: 'state', value: (key) => key.state },
        { header: 'secrets', value: shownSecrets },
        { header: 'scopes', value: (key) => key.grant.scopes?.join(',') },
        { header: 'last used', value: (key) => (key.lastUsedAt === null ? null : toTime(key.lastUsedAt)) },
      ]);
    }
    return EXIT.ok;
  },
});

const create = defineCommand({
  describe: 'Makes a key that can do no more than the one that asks for it. Its secret is shown this once.',
  positionals: { name: { describe: 'A name for people', required: true } },
  options: {
    scopes: { type: 'string', describe: 'Separated by commas: tools:read,tools:call,...' },
    grant: {
      type: 'string',
      describe:
        'All its limits, as JSON or @file.json: {"scopes", "allowed_tools", "envs", "expires_at", ...}',
    },
    ...CONNECTION_OPTIONS,
  },
  examples: [
    { command: 'invoke keys create ci --scopes tools:read,tools:call', describe: 'a key for a robot' },
  ],
  async run(args, context) {
    const limits = args.grant === undefined ? {} : await parseJsonOption(args.grant, '--grant', context.io);
    const scopes = args.scopes?.split(',').map((scope) => scope.trim());
    const { client } = await connect(context, args);
    const issued = await client.keys.create({
      ...(limits as KeyLimits),
      ...(scopes === undefined ? {} : { scopes }),
      name: args.name,
      signal: context.io.signal,
    });
    return tell(issued, context);
  },
});

const rotate = defineCommand({
  describe: 'Gives a key a new secret, which is shown this once. The one before works on for a while.',
  positionals: KEY_ID,
  lists: LISTS,
  options: {
    'overlap-seconds': { type: 'number', describe: 'For how long; 0: it ends at once', default: 86_400 },
    ...CONNECTION_OPTIONS,
  },
  async run(args, context) {
    const { client } = await connect(context, args);
    const { overlapSeconds } = args;
    return tell(await client.keys.rotate(args.key, { overlapSeconds, signal: context.io.signal }), context);
  },
});

const revoke = defineCommand({
  positionals: KEY_ID,
  lists: LISTS,
  options: CONNECTION_OPTIONS,
  async run(args, context) {
    const { client } = await connect(context, args);
    const key = await client.keys.revoke(args.key, { signal: context.io.signal });
    if (context.json || context.agent) context.terminal.printJson({ key: toWireNames(key, KEY_SHAPE) });
    else context.terminal.note(`${key.id} is revoked; within 5 seconds no gateway lets it in.`);
    return EXIT.ok;
  },
});

export const keys = defineGroup({
  default: 'list',
  members: {
    list: { summary: 'The stored keys', command: list },
    create: { summary: 'Make one', command: create },
    rotate: { summary: 'Give one a new secret', command: rotate },
    revoke: { summary: 'End one on every gateway', command: revoke },
  },
});

function shownSecrets({ secrets }: ApiKey): string {
  return secrets.map(({ prefix, lastFour }) => `${prefix}...${lastFour}`).join(' ');
}

/** The secret alone on standard output, so that it can be piped to where it belongs. */
function tell({ key, secret }: IssuedKey, { terminal, json, agent }: Context): ExitCode {
  if (key.state === 'expired') terminal.note(`note: ${key.id} has expired already; no gateway takes it.`);
  if (json || agent) terminal.printJson({ key: toWireNames(key, KEY_SHAPE), secret });
  else {
    terminal.print(secret);
    terminal.note(`${key.id}: this secret is shown once and kept by nobody.`);
  }
  return EXIT.ok;
}
