import { PolicyDocument } from '@invoke/contract';
import { createEngine, createSystemDigest, type Engine, type Tally } from '@invoke/core';
import { createExpressionLanguage, createSchemaCompiler } from '@invoke/core/adapters';
import { fullAccess } from '@invoke/core/domain';
import type { Clock, Ids, Log, Store, ToolInvoker } from '@invoke/core/ports';
import type { Gate } from './gate.js';
import type { Around } from './plan.js';
import { LEASE_MS, toolDefinitions } from './tools.js';

/** One incarnation of a gateway: a real engine behind a gate. */
export interface Gateway {
  readonly name: string;
  readonly gate: Gate;
  readonly engine: Engine;
  /** How many calls it counts as under way. */
  underWay(): number;
}

export interface GatewayParts {
  readonly name: string;
  readonly gate: Gate;
  readonly store: Store;
  readonly invoker: ToolInvoker;
  readonly clock: Clock;
  readonly random: () => number;
  readonly settleMs: number;
  readonly underWay: Tally;
  readonly around: Around;
  /** Told of errors that no fault explains. */
  readonly onBug: (bug: string) => void;
  /** Told when the gateway has lost its lease and lives on under a new one. */
  readonly onRebirth: () => void;
}

/** The key that all callers have. */
export const CALLER = 'caller';

/** The one budget there may be. */
export const BUDGET = 'calls';

/** Late answers are listened for this long. */
const LATE_ANSWER_MS = 1_000;

export function createGateway(parts: GatewayParts): Gateway {
  const { name, gate, store, invoker, clock, random, underWay } = parts;
  const engine = createEngine(
    {
      store,
      invoker,
      clock,
      random,
      keyRing: { find: () => null, byId: (keyId) => fullAccess(keyId) },
      schemas: createSchemaCompiler(),
      language: createExpressionLanguage(),
      addresses: { check: () => ({ kind: 'ok' }) },
      ids: createIds(name),
      digest: createSystemDigest('secret of the simulation'),
      log: createLog(parts),
    },
    {
      builtin: toolDefinitions(parts.settleMs, parts.around),
      config: { leaseMs: LEASE_MS, callDeadlineMs: 5_000, lateAnswerMs: LATE_ANSWER_MS },
      underWay,
    },
  );
  if (parts.around.budget !== null) {
    const budgets = [{ id: BUDGET, per: 'key', window: 'month', max_calls: parts.around.budget }];
    const set = engine.setOperatorPolicy(PolicyDocument.parse({ budgets }));
    if (set.kind === 'refused') throw new Error(set.refusal.message);
  }
  return { name, gate, engine, underWay: () => underWay.of(CALLER) };
}

/** Names that are the same in every run of a plan. */
function createIds(gateway: string): Ids {
  let count = 0;
  const next = (kind: string) => () => {
    count += 1;
    return `${kind}_${gateway}x${String(count).padStart(4, '0')}`;
  };
  return {
    execution: next('exec'),
    trace: next('trace'),
    provider: next('prov'),
    approval: next('appr'),
    message: next('msg'),
    key: next('key'),
    token: next('token'),
  };
}

/** What a gateway says when it meets what it was not made for. */
const BUGS = ['driver_failed', 'driver_not_handed_over', 'tool_invoker_threw', 'take_over_failed'];

function createLog({ name, onBug, onRebirth }: GatewayParts): Log {
  return {
    info: () => undefined,
    warn(event) {
      if (event === 'lease_lost') onRebirth();
    },
    error(event, fields) {
      const text = JSON.stringify(fields);
      if (BUGS.includes(event) && !text.includes('StorageUnavailable')) onBug(`${name} ${event} ${text}`);
    },
  };
}
