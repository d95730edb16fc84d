import { z } from 'zod';
import { EntityResolution, ExecutionContextState } from './entity-resolution.js';
import { FailurePolicy } from './failure-policy.js';
import { IdempotencyKey, Identifier, JsonObject, ToolReference } from './fields.js';
import { CallPolicy } from './policy.js';

const stepBase = {
  /** Names the step in the trace and in the flow, for example `context_retrieved`. */
  step: z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'expected lower case letters, digits and _'),
  title: z.string().min(1).max(200),
};

/**
 * One step. A string that is exactly `${input.<path>}` or `${steps.<step>.<path>}` stands for that value (what an earlier step
 * found); `${input.<path>|<default>}` has a default, which is JSON where it can be read as such, and else text.
 */
export const WorkflowStep = z.discriminatedUnion('kind', [
  /** A governed call of a tool, with all its guarantees. */
  z.strictObject({
    ...stepBase,
    kind: z.literal('call'),
    tool: ToolReference,
    params: z.union([JsonObject, z.string().max(256)]).default({}),
    action: Identifier.optional(),
    policy: CallPolicy.optional(),
    failure_policy: FailurePolicy.optional(),
    entity_resolution: EntityResolution.optional(),
    execution_state: ExecutionContextState.optional(),
  }),
  /** What a call would meet, without making it. */
  z.strictObject({
    ...stepBase,
    kind: z.literal('preflight'),
    tool: ToolReference,
    params: z.union([JsonObject, z.string().max(256)]).default({}),
  }),
  /** Live context from the search provider. */
  z.strictObject({
    ...stepBase,
    kind: z.literal('search'),
    query: z.string().min(1).max(2000),
    limit: z.union([z.int().min(1).max(20), z.string().max(256)]).default(3),
  }),
  /** The newest calls that did not go well. */
  z.strictObject({
    ...stepBase,
    kind: z.literal('failures'),
    limit: z.union([z.int().min(1).max(50), z.string().max(256)]).default(10),
  }),
]);
export type WorkflowStep = z.infer<typeof WorkflowStep>;

/** A workflow is data: an ordered list of steps. PUT /workflows/{id} adds one or changes it. */
export const WorkflowDefinition = z.strictObject({
  id: Identifier,
  title: z.string().min(1).max(200),
  description: z.string().max(2000).default(''),
  steps: z.array(WorkflowStep).min(1).max(20),
});
export type WorkflowDefinition = z.infer<typeof WorkflowDefinition>;

/** POST /workflows/{id}/run. */
export const WorkflowRunRequest = z.strictObject({
  query: z.string().min(1).max(2000).optional(),
  limit: z.int().min(1).max(50).optional(),
  params: JsonObject.optional(),
  /** For workflows that leave the choice of the tool to who runs them. */
  tool: ToolReference.optional(),
  agent_id: Identifier.optional(),
  env: Identifier.optional(),
  idempotency_key: IdempotencyKey.optional(),
});
export type WorkflowRunRequest = z.infer<typeof WorkflowRunRequest>;

/** POST /executions, first form: run a workflow as a durable execution. */
export const WorkflowExecutionRequest = z.strictObject({
  workflow: Identifier,
  agent_id: Identifier.optional(),
  input: z
    .strictObject({
      params: JsonObject.optional(),
      tool: ToolReference.optional(),
      query: z.string().min(1).max(2000).optional(),
      limit: z.int().min(1).max(50).optional(),
    })
    .default({}),
  idempotency_key: IdempotencyKey.optional(),
  env: Identifier.optional(),
});
export type WorkflowExecutionRequest = z.infer<typeof WorkflowExecutionRequest>;

/** One line of the story; all text, so that it can be shown as it is. */
export const WorkflowTraceStep = z.strictObject({
  step: z.string(),
  title: z.string(),
  status: z.string(),
  detail: z.string(),
});
export type WorkflowTraceStep = z.infer<typeof WorkflowTraceStep>;

export const WorkflowRunAnswer = z.looseObject({
  success: z.boolean(),
  workflow_id: z.string(),
  status: z.string(),
  summary: z.string(),
  /** `request_received -> context_retrieved -> ...`. */
  visual_flow: z.string(),
  trace: z.array(WorkflowTraceStep),
  /** Of the last governed call; null where there was none. */
  execution_id: z.string().nullable(),
  result: z.unknown(),
});
export type WorkflowRunAnswer = z.infer<typeof WorkflowRunAnswer>;

/** POST /search. */
export const SearchRequest = z.strictObject({
  query: z.string().min(1).max(2000),
  limit: z.int().min(1).max(20).default(5),
});
export type SearchRequest = z.infer<typeof SearchRequest>;

export const SearchAnswer = z.strictObject({
  query: z.string(),
  /** Who searched. */
  provider: z.string(),
  results: z.array(z.strictObject({ title: z.string(), summary: z.string(), url: z.string() })),
  trace_id: z.string(),
});
export type SearchAnswer = z.infer<typeof SearchAnswer>;
