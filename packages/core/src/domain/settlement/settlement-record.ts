import type { EpochMs } from '../time.js';

/** What a signed event of a provider said about an execution. Kept once per event id, whatever it led to. */
export interface SettlementRecord {
  readonly tenant: string;
  readonly provider: string;
  /** The provider's id of the event (webhook-id): a second delivery changes nothing. */
  readonly eventId: string;
  /** Null where the event concerns no execution of ours. */
  readonly executionId: string | null;
  /** Which of the execution's tools it speaks of: the one that was meant, or the fallback. Null as above. */
  readonly tool: string | null;
  readonly verdict: 'applied' | 'not_applied' | 'unclear';
  /** It says the opposite of what is recorded. */
  readonly contradiction: boolean;
  readonly detail: string;
  readonly receivedAt: EpochMs;
  /** It came while the call was under way: once that has ended, it has to be judged again. */
  readonly open: boolean;
}
