import type { Certainty, ExecutionState } from '@invoke/contract';
import type { ToolName } from './plan.js';

/** What a run leaves behind. The judge looks at this and at nothing else. All lists are in the order of events. */
export interface Evidence {
  /** What the tools did, by their own count. */
  readonly effects: readonly Effect[];
  /** Requests whose bytes reached a tool that writes. */
  readonly sends: readonly Send[];
  /** Every version of every execution that was ever committed. */
  readonly versions: readonly Version[];
  /** Executions as they stand at the end. */
  readonly executions: readonly FinalExecution[];
  readonly answers: readonly Answer[];
  /** Approvals as they stand at the end. */
  readonly approvals: readonly FinalApproval[];
  /** Calls that a live gateway never answered. */
  readonly unanswered: readonly string[];
  /** What the gateways logged as errors that no fault explains. */
  readonly bugs: readonly string[];
  /** Executions of which a commit was made and its answer was lost. */
  readonly lostCommits: ReadonlySet<string>;
  /** Executions of which a request was not sent because its gateway might not any more. */
  readonly fenced: ReadonlySet<string>;
  /** Gateways that lost their lease and lived on under a new one. */
  readonly reborn: ReadonlySet<string>;
  /** Writes that a fault could have hit. */
  readonly writes: number;
  /** Calls that were refused at once, by code. */
  readonly refusals: Readonly<Record<string, number>>;
  /** Events of the provider that were taken. */
  readonly told: number;
  /** Calls, when they were made. */
  readonly asked: readonly Asked[];
  /** Of the executions, those that have been pruned. */
  readonly pruned: ReadonlySet<string>;
  /** Reads of the state that approvals are about; null where they are about none. */
  readonly levels: readonly Level[] | null;
  /** Executions that have ended and of which an event was never judged again. */
  readonly leftOpen: readonly string[];
  /** Gateways that count calls as under way when none is: one day their key could begin none any more. */
  readonly stillCounted: readonly string[];
  /** What is left charged to the budget; null where there is none. */
  readonly spent: number | null;
}

export interface Effect {
  readonly order: number;
  readonly key: string;
  readonly tool: string;
  readonly atMs: number;
}

/** The state of the world, as it was told to a gateway. */
export interface Level {
  readonly order: number;
  readonly gateway: string;
  readonly level: 'green' | 'red';
}

export interface Send {
  readonly order: number;
  readonly key: string;
  readonly tool: string;
  readonly executionId: string;
  readonly gateway: string;
}

export interface Version {
  readonly order: number;
  readonly id: string;
  readonly epoch: number;
  readonly seq: number;
  /** The version that the write said it came from; null for the first one. */
  readonly from: { readonly epoch: number; readonly seq: number } | null;
  readonly state: ExecutionState;
  readonly resultText: string | null;
  readonly final: string | null;
  /** Attempts in the journal, over all tools. */
  readonly attempts: number;
  readonly by: string;
  /** By the clock of the store. */
  readonly atMs: number;
}

export interface FinalExecution {
  readonly id: string;
  readonly key: string;
  readonly tool: ToolName;
  readonly state: ExecutionState;
  readonly final: string | null;
  readonly resultText: string | null;
  readonly entity: string | null;
  /** What is known of each attempt. */
  readonly certainties: readonly (Certainty | null)[];
}

export interface Asked {
  readonly order: number;
  /** Names the call, which may be one of several with the same key. */
  readonly label: string;
  readonly key: string;
}

export interface Answer {
  readonly order: number;
  readonly label: string;
  readonly key: string;
  /** Refused with this code, or where the execution stands. */
  readonly told: string;
  readonly refused: boolean;
  readonly executionId: string | null;
  readonly settled: boolean;
  readonly resultText: string | null;
}

export interface FinalApproval {
  readonly id: string;
  readonly executionId: string;
  readonly kind: 'approval' | 'review';
  readonly state: string;
  readonly expiresAt: number;
}
