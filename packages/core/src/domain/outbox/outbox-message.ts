import type { JsonObject } from '@invoke/contract';
import type { EpochMs } from '../time.js';

/** Where messages go: a Slack webhook, an email webhook, a receiver of Standard Webhooks. */
export type OutboxChannel = 'slack' | 'email' | 'events';

/** Something to tell the outside, written in the transaction of what it tells of. Holds no secret. */
export interface OutboxMessage {
  /** Stable over all deliveries: receivers recognise repeats by it. */
  readonly id: string;
  readonly tenant: string;
  readonly channel: OutboxChannel;
  /** `approval.requested`, `execution.settled`, ... */
  readonly topic: string;
  readonly body: JsonObject;
  readonly createdAt: EpochMs;
}
