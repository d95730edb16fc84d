import type { Api } from './api.js';
import { toCamelKeys, toSnakeKeys } from './casing.js';
import {
  toCreatedExecution,
  type CreatedExecution,
  type ExecuteOptions,
  type PreflightOnlyOptions,
} from './execution.js';
import type { WithResponse } from './invoke-promise.js';
import type { JsonObject } from './json.js';
import { runKeyed } from './run-keyed.js';
import type { WorkflowOptions, WorkflowRun } from './workflow.js';

/** @throws InvokeError `outcome_unknown`, with the key to ask again, where the execution may have run unseen */
export async function execute(
  api: Api,
  options: ExecuteOptions | PreflightOnlyOptions,
): Promise<WithResponse<CreatedExecution>> {
  const { timeoutMs, signal, idempotencyKey, ...what } = options;
  const sent = 'action' in what ? { ...what, params: what.params ?? {} } : what;
  const body = toSnakeKeys(sent, {}) as JsonObject;
  const run = await runKeyed(api, { path: '/v1/executions', timeoutMs, signal, idempotencyKey, body });
  return { ...run, data: toCreatedExecution(run.data) };
}

/** @throws InvokeError `outcome_unknown`, with the key to ask again, where the workflow may have run unseen */
export async function runWorkflow(
  api: Api,
  id: string,
  { timeoutMs, signal, idempotencyKey, ...input }: WorkflowOptions,
): Promise<WithResponse<WorkflowRun>> {
  const path = `/v1/workflows/${encodeURIComponent(id)}/run`;
  const body = toSnakeKeys(input, {}) as JsonObject;
  const run = await runKeyed(api, { path, timeoutMs, signal, idempotencyKey, body });
  return { ...run, data: toCamelKeys(run.data, { trace: {} }) as WorkflowRun };
}
