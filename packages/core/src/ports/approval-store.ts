import type { ApprovalState } from '@invoke/contract';
import type { ApprovalRecord } from '../domain/approval/approval-record.js';
import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import type { ClaimResult, Transition, TransitionResult } from './execution-store.js';
import type { OutboxMessage } from './outbox-store.js';

export interface ApprovalQuery {
  readonly tenant: string;
  /** 1 to 200. */
  readonly limit: number;
  /** Id of the last approval of the page before; newest first. */
  readonly before: string | null;
  readonly state: ApprovalState | null;
  readonly agentId: string | null;
}

/** A change of one approval, allowed from exactly one version while it is pending, with all that belongs to it. */
export interface ApprovalMove {
  /** As it is from now on; its version is one more than that of the row. */
  readonly approval: ApprovalRecord;
  /** The execution's transition that it leads to. Where it is lost, nothing of all this happens. */
  readonly move: Transition | null;
  /** The approval that takes its place. */
  readonly fresh: ApprovalRecord | null;
  readonly messages: readonly OutboxMessage[];
  /** Allowed only before the approval's time is over, or only after it: on the store's clock, by the statement that writes. */
  readonly when?: 'in_time' | 'overdue';
}

/** `untimely`: it is the wrong side of the approval's end for this; nothing was written. */
export type DecideResult = TransitionResult | { readonly kind: 'untimely' };

/**
 * Approvals. Every method that writes is one transaction over the execution, the approval and the messages that tell of it.
 * Errors: rejects with StorageUnavailable when it is not acknowledged; then nothing or all of it has happened, and asking
 * again tells which.
 */
export interface ApprovalStore {
  /** Claims the key of an execution that waits for this approval. Where the key is taken, nothing is written. */
  freeze(
    record: ExecutionRecord,
    approval: ApprovalRecord,
    messages: readonly OutboxMessage[],
  ): Promise<ClaimResult>;
  /** A transition of an execution that hands it to people. `lost`: nothing was written. */
  escalate(
    move: Transition,
    approval: ApprovalRecord,
    messages: readonly OutboxMessage[],
  ): Promise<TransitionResult>;
  /** `lost`: somebody else has decided, or the execution has moved; nothing was written. */
  decide(move: ApprovalMove): Promise<DecideResult>;
  /** By id, within a tenant. */
  find(tenant: string, id: string): Promise<ApprovalRecord | null>;
  /** The newest approval of an execution. */
  ofExecution(tenant: string, executionId: string): Promise<ApprovalRecord | null>;
  /** Newest first. */
  list(query: ApprovalQuery): Promise<readonly ApprovalRecord[]>;
  /** Pending ones of kind `approval` whose time is over on the store's clock, oldest first. */
  expired(limit: number): Promise<readonly ApprovalRecord[]>;
  /** How many of kind `approval` wait for a decision on behalf of this agent (of this key, where there is no agent). */
  countPending(
    tenant: string,
    by: { readonly agentId: string | null; readonly keyId: string },
  ): Promise<number>;
}
