import type { CallRequest } from '@invoke/contract';
import type { Principal } from '../domain/access/principal.js';
import type { Catalogue } from '../domain/tool/catalogue.js';
import type { ToolDefinition } from '../domain/tool/tool-definition.js';
import type { ExpressionLanguage } from '../domain/policy/expression.js';
import type { Clock } from '../ports/clock.js';
import type { Digest } from '../ports/digest.js';
import type { Ids } from '../ports/ids.js';
import type { KeyRing } from '../ports/key-ring.js';
import type { Log } from '../ports/log.js';
import type { ParamsValidator } from '../ports/schema-compiler.js';
import type { NoticeChannel } from '../domain/outbox/outbox-message.js';
import type { Store } from '../ports/store.js';
import type { History } from './history/history-guard.js';
import type { PolicyRecord, WorkflowRecord } from '../domain/policy/policy-record.js';
import type { Policies } from './policy/policies.js';
import type { Recent } from './bounded/recent.js';
import type { Tally } from './bounded/tally.js';
import type { CallIdentity } from './call-identity.js';
import type { SettledExecutions } from './settled-executions.js';
import type { ToolInvoker } from '../ports/tool-invoker.js';

/** Numbers an operator may set. Durations in milliseconds. */
export interface EngineConfig {
  /** FAILURE_POLICY_MAX_RETRIES. */
  readonly maxRetries: number;
  /** How long a caller waits who does not say. */
  readonly callDeadlineMs: number;
  /** How long after its timeout a late answer of a tool is still listened for. */
  readonly lateAnswerMs: number;
  /** Lease of this incarnation. */
  readonly leaseMs: number;
  /** How long the record of a finished execution is kept, and then its tombstone. */
  readonly retentionMs: number;
  readonly tombstoneMs: number;
  /** For how long after the database has gone back first attempts are looked up before they are made. */
  readonly horizonMs: number;
  /** How many calls of one key this gateway has under way at most, waited for or not. */
  readonly callsUnderWay: number;
}

export const DEFAULT_CONFIG: EngineConfig = {
  maxRetries: 5,
  callDeadlineMs: 60_000,
  lateAnswerMs: 120_000,
  leaseMs: 15_000,
  retentionMs: 30 * 86_400_000,
  tombstoneMs: 400 * 86_400_000,
  horizonMs: 900_000,
  callsUnderWay: 4_096,
};

/** The tools of this moment, with their compiled schemas. */
export interface Tools {
  catalogue(): Catalogue;
  /** The compiled schema of a definition; null where its schema cannot be compiled (then it cannot be called). */
  validator(tool: ToolDefinition): ParamsValidator | null;
  /** A definition by version, current or not. */
  version(tenant: string, version: string): Promise<ToolDefinition | null>;
  /** What tenants have stored; another object after every change. */
  policies(): readonly PolicyRecord[];
  workflows(tenant: string): readonly WorkflowRecord[];
}

/** Whether this incarnation may still act. */
export interface LeaseView {
  readonly owner: string;
  held(): boolean;
}

/** What a request of this caller to this tool was found to be. */
export interface KnownIdentity {
  readonly tool: ToolDefinition;
  readonly principal: Principal;
  readonly identity: CallIdentity;
}

/** Everything the engine reaches the world through. */
export interface EngineDeps {
  readonly store: Store;
  readonly invoker: ToolInvoker;
  readonly keyRing: KeyRing;
  readonly tools: Tools;
  readonly settled: SettledExecutions;
  readonly identities: Recent<CallRequest, KnownIdentity>;
  readonly policies: Policies;
  /** Where messages to the outside go; empty where nobody listens, and then none are written. */
  readonly channels: ReadonlySet<NoticeChannel>;
  /** Where this gateway is reached from outside. */
  readonly publicUrl: string | null;
  readonly language: ExpressionLanguage;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly digest: Digest;
  readonly log: Log;
  readonly lease: LeaseView;
  readonly history: History;
  /** Between 0 and 1; spreads retries. */
  readonly random: () => number;
  readonly config: EngineConfig;
  /** Executions whose claim or release is being written: they are about to be driven. */
  readonly pending: Set<string>;
  /** Calls that are being claimed or driven, by the key that made them. */
  readonly underWay: Tally;
  /** True once this gateway is shutting down. */
  readonly closing: () => boolean;
}
