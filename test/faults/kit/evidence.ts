import type { ToolName } from './cards.js';
import type { CallerHistory } from './client.js';
import type { Arrival, Effect } from './ledger.js';

/** What a run leaves behind. The judge looks at this and at nothing else. */
export interface Evidence extends StoredEvidence {
  /** By the tools' own count. */
  readonly effects: readonly Effect[];
  readonly arrivals: readonly Arrival[];
  readonly callers: readonly CallerHistory[];
  /** Ids of the messages that arrived, once for each time; null: nobody has looked. */
  readonly deliveries: readonly string[] | null;
}

/** What the database itself holds, read without the gateway. */
export interface StoredEvidence {
  readonly executions: readonly StoredExecution[];
  /** Every version of every execution that was ever committed, as triggers in the database saw them; oldest first. */
  readonly versions: readonly StoredVersion[];
  readonly approvals: readonly StoredApproval[];
  /** Messages that were written to be delivered. */
  readonly messages: readonly StoredMessage[];
}

export interface StoredExecution {
  readonly id: string;
  readonly key: string;
  readonly tool: ToolName;
  readonly state: string;
  readonly final: string | null;
  readonly resultText: string | null;
  readonly epoch: number;
  readonly attempts: number;
  /** As it is stored, for people who look for the reason of something. */
  readonly journal: string;
}

export interface StoredVersion {
  readonly id: string;
  readonly epoch: number;
  readonly seq: number;
  readonly state: string;
  /** Attempts in the journal, over all tools. */
  readonly attempts: number;
  /** By the clock of the database, within the transaction. */
  readonly at: number;
}

export interface StoredApproval {
  readonly id: string;
  readonly executionId: string;
  readonly kind: string;
  readonly state: string;
}

export interface StoredMessage {
  readonly id: string;
  readonly topic: string;
  /** What it tells of. */
  readonly approvalId: string | null;
  /** `delivered`, `dead`; null while it is still to be delivered. */
  readonly ended: string | null;
}
