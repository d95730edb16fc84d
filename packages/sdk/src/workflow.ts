import type { RequestOptions } from './call-options.js';
import type { JsonObject } from './json.js';

/** A workflow is a document that people write and keep: it is handed out, and taken, as it is on the wire. */
export interface WorkflowDefinition {
  readonly id: string;
  readonly title: string;
  readonly description?: string | undefined;
  /** Steps of governed calls, one after the other. */
  readonly steps: readonly JsonObject[];
}

export interface WorkflowOptions extends RequestOptions {
  /** What to look for, for workflows that search. */
  readonly query?: string | undefined;
  readonly limit?: number | undefined;
  readonly params?: JsonObject | undefined;
  /** For workflows that leave the choice of the tool to who runs them. */
  readonly tool?: string | undefined;
  readonly agentId?: string | undefined;
  readonly env?: string | undefined;
  /** Names this run: running it again with the same key does nothing twice. One is made up where none is given. */
  readonly idempotencyKey?: string | undefined;
}

/** One line of the story of a run. */
export interface WorkflowStep {
  readonly step: string;
  readonly title: string;
  readonly status: string;
  readonly detail: string;
  readonly [member: string]: unknown;
}

export interface WorkflowRun {
  readonly success: boolean;
  readonly workflowId: string;
  readonly status: string;
  /** For people, in one or two sentences. */
  readonly summary: string;
  /** `request_received -> context_retrieved -> ...`. */
  readonly visualFlow: string;
  readonly trace: readonly WorkflowStep[];
  /** Of the last governed call; null where there was none. */
  readonly executionId: string | null;
  readonly result: unknown;
  readonly [member: string]: unknown;
}
