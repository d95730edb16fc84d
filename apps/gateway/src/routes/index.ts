import type { Route } from '../route.js';
import { call } from './call.js';
import { createExecution, getExecution, listExecutions } from './executions.js';
import { health, ready } from './health.js';
import { openapi } from './openapi.js';
import { listProviders, registerProvider, registerTool } from './providers.js';
import { discover, tools } from './tools.js';
import { traces } from './traces.js';

/** Every endpoint of the gateway. */
export const ROUTES: readonly Route[] = [
  health,
  ready,
  openapi,
  call,
  createExecution,
  listExecutions,
  getExecution,
  tools,
  discover,
  traces,
  listProviders,
  registerProvider,
  registerTool,
];
