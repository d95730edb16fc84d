import type { ExecutionState } from '@invoke/contract';
import type { ExecutionRecord, Journal, ExecutionOutcome } from '../domain/execution/execution-record.js';
import type { EpochMs } from '../domain/time.js';

/** What is left of an execution after its record was pruned: enough to refuse its key for ever. */
export interface Tombstone {
  readonly keyDigest: string;
  readonly fingerprint: string;
  readonly executionId: string;
  readonly state: ExecutionState;
  readonly until: EpochMs;
}

export type Recalled =
  | { readonly kind: 'none' }
  | { readonly kind: 'execution'; readonly record: ExecutionRecord }
  | { readonly kind: 'tombstone'; readonly tombstone: Tombstone };

/**
 * - `absent`: the key is certainly not stored.
 * - `perhaps`: it very likely is: a look is worth its while.
 * - `unknown`: a look and a claim cost the same, and most keys are new: the claim is the better question.
 */
export type Foresight = 'absent' | 'perhaps' | 'unknown';

/** `claimed`: this call's row is in the store. Otherwise another one holds the key. */
export type ClaimResult = { readonly kind: 'claimed' } | Exclude<Recalled, { kind: 'none' }>;

/** One transition: allowed from exactly one version of the row. */
export interface Transition {
  readonly id: string;
  readonly from: { readonly state: ExecutionState; readonly epoch: number; readonly seq: number };
  readonly state: ExecutionState;
  readonly owner: string | null;
  readonly token: string;
  readonly journal: Journal;
  readonly resultText: string | null;
  readonly outcome: ExecutionOutcome | null;
  readonly notBeforeAt: EpochMs | null;
  readonly updatedAt: EpochMs;
  readonly finishedAt: EpochMs | null;
}

/** `lost`: another writer was first (or the row is gone); the caller has no licence to go on. */
export type TransitionResult = { readonly kind: 'moved' } | { readonly kind: 'lost' };

/** Which version of a row. */
export interface Version {
  readonly epoch: number;
  readonly seq: number;
}

export type Reinstated = { readonly kind: 'reinstated' | 'lost' | 'key_taken' };

export interface Pruning {
  /**
   * What the caller takes for the time. The store believes no later one than its own clock shows: whoever is fast would make
   * keys usable again.
   */
  readonly now: EpochMs;
  /** How long an execution is kept after its end. */
  readonly keptMs: number;
  /** How long its tombstone stays, from now on by the store's clock. */
  readonly tombstoneMs: number;
  readonly limit: number;
}

export interface ExecutionQuery {
  readonly tenant: string;
  /** 1 to 200. */
  readonly limit: number;
  /** Id of the last execution of the page before; newest first. */
  readonly before: string | null;
  readonly state: ExecutionState | null;
  readonly tool: string | null;
  readonly agentId: string | null;
}

/**
 * The executions. Every method that writes is one conditional statement, durable when it resolves; it may share its
 * commit with others, and its failure is its own.
 * Errors: rejects with StorageUnavailable when nothing can be said about the write but that it is not acknowledged.
 */
export interface ExecutionStore {
  /** Read-only look at a key. */
  recall(keyDigest: string): Promise<Recalled>;
  /** What can be said of a key without asking the database. */
  foresee(keyDigest: string): Foresight;
  /** Inserts the record, or tells who holds its key. Records without a key are always claimed. */
  claim(record: ExecutionRecord): Promise<ClaimResult>;
  transition(move: Transition): Promise<TransitionResult>;
  /** By id, within a tenant. */
  find(tenant: string, id: string): Promise<ExecutionRecord | null>;
  /** Newest first. */
  list(query: ExecutionQuery): Promise<readonly ExecutionRecord[]>;
  /**
   * The id of the oldest execution that writes to this entity and whose outcome is unknown, if there is one. That of a running
   * one is unknown as soon as its owner is gone, as takeOver judges it, whether or not it was taken over.
   */
  unsettledWriteTo(tenant: string, env: string, entityId: string): Promise<string | null>;
  /**
   * Takes over open executions whose owner is gone: its lease is over on the store's clock, or it is not registered.
   * Each one gets `owner`, epoch + 1 and seq + 1. Never judged by age.
   */
  takeOver(owner: string, token: string, limit: number): Promise<readonly ExecutionRecord[]>;
  /** Open executions that name this owner, oldest first: what it has to be driving. */
  ownedBy(owner: string, limit: number): Promise<readonly ExecutionRecord[]>;
  /**
   * Puts back a version that the store has lost: inserts it where `over` is null, else replaces exactly that version. `lost`:
   * another version is there. `key_taken`: its key names another execution now; nothing was written.
   */
  reinstate(record: ExecutionRecord, over: Version | null): Promise<Reinstated>;
  /** Replaces executions that were kept long enough by tombstones: at most `limit`, oldest first. Returns how many. */
  prune(pruning: Pruning): Promise<number>;
  /** Drops tombstones that have served their time, by `now` and by the store's clock. Returns how many. */
  dropTombstones(now: EpochMs, limit: number): Promise<number>;
}
