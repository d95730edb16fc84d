import type { Approval } from '@invoke/sdk';
import { describeApproval } from '../approvals/describe-approval.js';
import { printDecision } from '../approvals/print-decision.js';
import { readTimeout } from '../call-facts.js';
import { defineCommand, defineGroup } from '../command.js';
import { connect, type Connection } from '../connect.js';
import type { Context } from '../context.js';
import { failure } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { toText, toTime } from '../output/cells.js';
import type { Column } from '../output/table.js';
import { revealed, visible } from '../output/visible.js';
import { parseJsonOption, parseJsonValue } from '../params/parse-params.js';
import { isRecord, type JsonRecord } from '../records.js';
import { toUntrusted, toWireNames } from '../wire.js';
import { PAGE_OPTIONS, printPage } from './page.js';

const ID = { id: { describe: 'The approval, such as appr_...', required: true } } as const;

const LISTS = ['invoke approvals'] as const;

const REVIEW_OPTIONS = {
  'reviewed-by': { type: 'string', describe: 'Who decides, in words; what counts is the key' },
  comment: { type: 'string', describe: 'Why, for the record' },
} as const;

const DIGEST_OPTION = {
  digest: {
    type: 'string',
    describe: 'The digest of what you have read (invoke approvals show); another one is refused',
  },
} as const;

const STATUSES = [
  'pending',
  'executed',
  'rejected',
  'cancelled',
  'expired',
  'invalidated',
  'replan_required',
  'resolved',
] as const satisfies readonly Approval['status'][];

const list = defineCommand({
  options: {
    ...PAGE_OPTIONS,
    status: {
      type: 'string',
      describe: 'Only those that stand there; all lists what was decided as well',
      choices: [...STATUSES, 'all'],
      default: 'pending',
    },
    'agent-id': { type: 'string', describe: 'Only those that this agent asked for' },
    ...CONNECTION_OPTIONS,
  },
  async run(args, context) {
    const { client } = await connect(context, args);
    const { limit, cursor, status, agentId } = args;
    const query = { limit, cursor, status: status === 'all' ? undefined : status, agent_id: agentId };
    const { signal } = context.io;
    const answer = await client.request({ method: 'GET', path: '/v1/approvals', query, signal });
    const more = status === 'pending' ? '' : ` --status ${status}`;
    printPage(answer, { name: 'approvals', columns: COLUMNS, more }, context);
    return EXIT.ok;
  },
});

const COLUMNS: readonly Column<JsonRecord>[] = [
  { header: 'id', value: (row) => toText(row['id']), whole: true },
  { header: 'status', value: (row) => toText(row['status']) },
  { header: 'tool', value: (row) => toText(row['tool']) },
  { header: 'risk', value: (row) => toText(row['risk_level']) },
  { header: 'agent', value: (row) => toText(row['agent_id']) },
  { header: 'expires', value: (row) => toTime(row['expires_at']) },
  { header: 'reason', value: (row) => revealed(toText(row['reason']) ?? '') },
];

const show = defineCommand({
  describe:
    'Shows what is frozen and waits: the params, byte for byte, their digest, and each condition as it was and as it is. Characters that cannot be seen are shown as escapes.',
  positionals: ID,
  lists: LISTS,
  options: CONNECTION_OPTIONS,
  async run({ id, ...args }, context) {
    const approval = await readApproval(await connect(context, args), id, context);
    if (context.json || context.agent) {
      context.terminal.printJson({ approval: context.agent ? markForeign(approval) : approval });
      return EXIT.ok;
    }
    for (const line of describeApproval(approval)) context.terminal.print(line);
    const next = nextOf(approval);
    if (next.length > 0) context.terminal.note(`next: ${visible(next.join('\n   or '))}`);
    return EXIT.ok;
  },
});

const wait = defineCommand({
  describe: 'Waits until it is decided or expires. The exit code says how it ended.',
  positionals: ID,
  lists: LISTS,
  options: {
    'timeout-ms': { type: 'number', describe: 'How long to wait at most (default: until it ends)' },
    ...CONNECTION_OPTIONS,
  },
  async run(args, context) {
    const { id } = args;
    const timeoutMs = args.timeoutMs === undefined ? undefined : readTimeout(args.timeoutMs);
    const connection = await connect(context, args);
    // The wait itself outlasts gateways that are gone; one that was never there is no reason to wait.
    await readApproval(connection, id, { ...context, timeoutMs });
    const { client } = connection;
    const { signal } = context.io;
    const approval = await client.approvals.wait(
      id,
      timeoutMs === undefined ? { signal } : { signal, timeoutMs },
    );
    if (context.json || context.agent) {
      const wire = toWireNames(approval, { entityResolution: {} });
      context.terminal.printJson({ approval: context.agent ? markForeign(wire) : wire });
    } else {
      const { terminal } = context;
      const ok = approval.status === 'executed' || approval.status === 'resolved';
      terminal.note(`${terminal.style(ok ? 'green' : 'yellow', approval.status)}: ${visible(approval.id)}`);
      const next = approval.nextId ?? null;
      const lead = next === null ? `executions show ${approval.executionId}` : `approvals show ${next}`;
      terminal.note(`  next: invoke ${visible(lead)}`);
    }
    return EXIT_OF[approval.status];
  },
});

const EXIT_OF: Readonly<Record<Approval['status'], ExitCode>> = {
  pending: EXIT.pendingApproval,
  executed: EXIT.ok,
  resolved: EXIT.ok,
  rejected: EXIT.blocked,
  cancelled: EXIT.failure,
  expired: EXIT.failure,
  invalidated: EXIT.pendingApproval,
  replan_required: EXIT.replanRequired,
};

const approve = defineCommand({
  describe:
    'Approves what is frozen, by the digest of what you were shown: that of --digest, or what this command prints first. The world is looked at again before anything is executed.',
  positionals: ID,
  lists: LISTS,
  options: {
    ...DIGEST_OPTION,
    state: {
      type: 'string',
      describe: 'Current state, as JSON, @file.json or -, where no tool is configured to read it',
    },
    ...REVIEW_OPTIONS,
    ...CONNECTION_OPTIONS,
  },
  examples: [
    { command: 'invoke approvals approve appr_1 --digest sha256:...', describe: 'what you have read' },
    {
      command: `invoke approvals approve appr_1 --state '{"invoice_status":"overdue"}' --comment "checked"`,
      describe: 'with the state as you know it',
    },
  ],
  async run(args, context) {
    const { id, comment, reviewedBy } = args;
    const state =
      args.state === undefined ? undefined : await parseJsonOption(args.state, '--state', context.io);
    const connection = await connect(context, args);
    const digest = args.digest ?? (await showFirst(connection, id, context));
    const { signal } = context.io;
    const { approvals } = connection.client;
    return printDecision(
      await approvals.approve(id, { digest, state, comment, reviewedBy, signal }),
      context,
    );
  },
});

const reject = defineCommand({
  describe: 'Rejects what is frozen. It is never executed.',
  positionals: ID,
  lists: LISTS,
  options: { ...DIGEST_OPTION, ...REVIEW_OPTIONS, ...CONNECTION_OPTIONS },
  async run(args, context) {
    const { id, digest, comment, reviewedBy } = args;
    const { client } = await connect(context, args);
    const { signal } = context.io;
    return printDecision(await client.approvals.reject(id, { digest, comment, reviewedBy, signal }), context);
  },
});

const resolve = defineCommand({
  describe: 'Says what became of a call that could not be settled: you have looked it up.',
  positionals: {
    ...ID,
    resolution: {
      describe: 'It took effect, it did not, or it is to be tried again',
      required: true,
      choices: ['applied', 'not_applied', 'retry'],
    },
  },
  lists: LISTS,
  options: {
    result: { type: 'string', describe: 'What the tool would have answered, as JSON; for applied' },
    ...REVIEW_OPTIONS,
    ...CONNECTION_OPTIONS,
  },
  async run(args, context) {
    const { id, resolution, comment, reviewedBy } = args;
    const result = args.result === undefined ? undefined : parseJsonValue(args.result, '--result');
    const { client } = await connect(context, args);
    const { signal } = context.io;
    const given = { resolution, result, comment, reviewedBy, signal };
    return printDecision(await client.approvals.resolve(id, given), context);
  },
});

export const approvals = defineGroup({
  default: 'list',
  members: {
    list: { summary: 'What waits for a human; with --status all, also what was decided', command: list },
    show: { summary: 'One approval: what is frozen, and what has changed', command: show },
    wait: { summary: 'Wait until it is decided', command: wait },
    approve: { summary: 'Approve what is frozen', command: approve },
    reject: { summary: 'Reject it', command: reject },
    resolve: { summary: 'Say what became of an unknown outcome', command: resolve },
  },
});

async function readApproval(
  { client }: Connection,
  id: string,
  { io, timeoutMs }: Pick<Context, 'io'> & { readonly timeoutMs?: number | undefined },
): Promise<JsonRecord> {
  const path = `/v1/approvals/${encodeURIComponent(id)}`;
  const { approval } = await client.request({ method: 'GET', path, signal: io.signal, timeoutMs });
  if (isRecord(approval)) return approval;
  throw failure('invalid_response', 'The answer has no approval.', ['invoke status']);
}

/** Prints what is about to be approved. @returns its digest */
async function showFirst(connection: Connection, id: string, context: Context): Promise<string> {
  const approval = await readApproval(connection, id, context);
  for (const line of describeApproval(approval)) context.terminal.note(line);
  context.terminal.note('');
  const { digest } = approval;
  if (typeof digest === 'string') return digest;
  throw failure('invalid_response', 'The approval has no digest.', ['invoke status']);
}

function nextOf({ id, kind, status, digest, next_id: nextId }: JsonRecord): readonly string[] {
  if (typeof nextId === 'string') return [`invoke approvals show ${nextId}`];
  if (status !== 'pending') return [];
  if (kind === 'review') return [`invoke approvals resolve ${id} applied|not_applied|retry`];
  return [`invoke approvals approve ${id} --digest ${digest}`, `invoke approvals reject ${id}`];
}

/** For an agent: what tools said is data of somebody else. */
function markForeign(approval: JsonRecord): JsonRecord {
  const foreign = ['tool_outputs', 'frozen_state'].filter((name) => isRecord(approval[name]));
  return { ...approval, ...Object.fromEntries(foreign.map((name) => [name, toUntrusted(approval[name])])) };
}
