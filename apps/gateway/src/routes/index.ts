import type { Route } from '../route.js';
import {
  approveApproval,
  getApproval,
  listApprovals,
  rejectApproval,
  resolveApproval,
  watchApproval,
} from './approvals.js';
import { call } from './call.js';
import { createExecution } from './create-execution.js';
import { getExecution, listExecutions } from './executions.js';
import { health, ready } from './health.js';
import { mcp } from './mcp.js';
import { openapi } from './openapi.js';
import { reconcileOutcome } from './outcomes.js';
import { checkPolicy, explainPolicy, simulatePolicy, testPolicy } from './policy-trials.js';
import { getPolicy, putPolicy } from './policy.js';
import { preflight } from './preflight.js';
import { createKey, listKeys, revokeKey, rotateKey } from './keys.js';
import { listProviders, registerProvider, registerTool } from './providers.js';
import { search } from './search.js';
import { verifyState } from './state.js';
import { discover, tools } from './tools.js';
import { traces } from './traces.js';
import { usage } from './usage.js';
import { receiveEvent } from './webhooks.js';
import { listWorkflows, runWorkflow, saveWorkflow } from './workflows.js';

/** Every endpoint of the gateway. */
export const ROUTES: readonly Route[] = [
  health,
  ready,
  openapi,
  call,
  mcp,
  createExecution,
  listExecutions,
  getExecution,
  tools,
  discover,
  traces,
  listApprovals,
  getApproval,
  watchApproval,
  approveApproval,
  rejectApproval,
  resolveApproval,
  usage,
  verifyState,
  reconcileOutcome,
  preflight,
  listWorkflows,
  saveWorkflow,
  runWorkflow,
  search,
  getPolicy,
  putPolicy,
  checkPolicy,
  testPolicy,
  explainPolicy,
  simulatePolicy,
  listProviders,
  registerProvider,
  registerTool,
  listKeys,
  createKey,
  rotateKey,
  revokeKey,
  receiveEvent,
];
