import type { CallOptions } from '@invoke/sdk';
import type { ArgsOf, Options } from './command.js';
import { usageError } from './errors.js';
import type { Io } from './io.js';
import { parseJsonOption } from './params/parse-params.js';

/** Options that say who acts, on what, and under which rules; the same for every command that calls or asks about a call. */
export const CALL_OPTIONS = {
  'idempotency-key': {
    type: 'string',
    describe: 'Names this call: the same key again is the same call, not a second one',
  },
  'agent-id': { type: 'string', describe: 'The agent that acts' },
  env: { type: 'string', describe: 'The environment it is done in, such as prod' },
  workflow: { type: 'string', describe: 'The workflow it belongs to' },
  resource: { type: 'string', describe: 'The resource it is done to, such as repo:acme/app' },
  entity: {
    type: 'string',
    describe: 'The entity that was resolved, such as cust_123: other ones are blocked',
  },
  'entity-source': { type: 'string', describe: 'How it was resolved', default: 'cli' },
  'entity-resolved-at': { type: 'string', describe: 'When it was resolved, ISO 8601 (default: now)' },
  state: {
    type: 'string',
    describe: 'What the agent knew: {"variables":{},"tool_outputs":{}} or @file.json',
  },
  policy: {
    type: 'string',
    describe: 'Rules or a contract for this one call, as JSON or @file.json; they can only tighten',
  },
  'failure-policy': { type: 'string', describe: 'What to do when the tool fails, as JSON or @file.json' },
} as const satisfies Options;

export const TIMEOUT_OPTION = {
  'timeout-ms': { type: 'number', describe: 'How long to wait for the answer', default: 60_000 },
} as const satisfies Options;

type CallArgs = ArgsOf<{}, typeof CALL_OPTIONS>;

/** What the options say, as the SDK takes it. @throws CliError (usage) */
export async function readCallFacts(args: CallArgs, io: Io): Promise<Omit<CallOptions, 'tool' | 'params'>> {
  const json = async (text: string | undefined, option: string) =>
    text === undefined ? undefined : parseJsonOption(text, option, io);
  return {
    agentId: args.agentId,
    idempotencyKey: args.idempotencyKey,
    env: args.env,
    workflow: args.workflow,
    resource: args.resource,
    entityResolution: toEntityResolution(args),
    // Given in the words of the API; the SDK leaves names alone that are in them already.
    executionState: await json(args.state, '--state'),
    policy: await json(args.policy, '--policy'),
    failurePolicy: await json(args.failurePolicy, '--failure-policy'),
  };
}

/** What timers can wait at most, 24.8 days; with more they would end at once. */
const MAX_TIMEOUT_MS = 2_147_483_647;

/** @throws CliError (usage) where it is no time to wait */
export function readTimeout(timeoutMs: number): number {
  if (Number.isSafeInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS) return timeoutMs;
  throw usageError(`--timeout-ms takes a whole number from 1 to ${MAX_TIMEOUT_MS}.`);
}

function toEntityResolution({ entity, entitySource, entityResolvedAt }: CallArgs) {
  if (entity === undefined) return undefined;
  return { entityId: entity, source: entitySource, resolvedAt: entityResolvedAt ?? new Date().toISOString() };
}
