import type { WorkflowDefinition } from '@invoke/contract';
import { failureTraceVisualization } from './packaged/failure-trace-visualization.js';
import { liveContextRetrieval } from './packaged/live-context-retrieval.js';
import { safeToolExecution } from './packaged/safe-tool-execution.js';

/** The workflows that come with Invoke. */
export const PACKAGED_WORKFLOWS: readonly WorkflowDefinition[] = [
  safeToolExecution,
  liveContextRetrieval,
  failureTraceVisualization,
];
