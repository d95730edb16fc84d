import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import type { SettlementRecord } from '../domain/settlement/settlement-record.js';
import type { EpochMs } from '../domain/time.js';
import type { Transition, TransitionResult } from './execution-store.js';
import type { OutboxMessage } from './outbox-store.js';

/** Which event. */
export type SettlementKey = Pick<SettlementRecord, 'tenant' | 'provider' | 'eventId'>;

/** What providers' events said. */
export interface SettlementStore {
  /**
   * Keeps an event and what it leads to, in one transaction. `seen`: it was kept before, and nothing is written. `lost`: the
   * execution has moved since it was read, and nothing is written.
   */
  record(
    settlement: SettlementRecord,
    move: Transition | null,
    messages: readonly OutboxMessage[],
  ): Promise<TransitionResult | { readonly kind: 'seen' }>;
  /**
   * A transition that an event leads to which was kept before, with the messages that tell of it, in one transaction. `lost`: the
   * execution has moved since it was read, and nothing is written.
   */
  settle(move: Transition, messages: readonly OutboxMessage[]): Promise<TransitionResult>;
  /**
   * An open event has been judged for good: it is closed, with the messages that tell what it has led to, in one transaction. A
   * message that is there already is not written again.
   */
  close(event: SettlementKey, messages: readonly OutboxMessage[]): Promise<void>;
  /**
   * The executions that no gateway drives any more and that still have open events, oldest event first: at most `limit` events
   * are looked at. Whoever ended such an execution stopped before it had judged them.
   */
  leftOpen(limit: number): Promise<readonly Pick<ExecutionRecord, 'tenant' | 'id'>[]>;
  /** Oldest first. */
  ofExecution(tenant: string, executionId: string): Promise<readonly SettlementRecord[]>;
  /** Drops what came before this instant and is about no execution that is still kept. Returns how many. */
  prune(receivedBefore: EpochMs, limit: number): Promise<number>;
}
