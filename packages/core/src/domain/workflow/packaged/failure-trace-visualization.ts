import type { WorkflowDefinition } from '@invoke/contract';

/** What went wrong lately, and how the worst of it went. */
export const failureTraceVisualization: WorkflowDefinition = {
  id: 'failure-trace-visualization',
  title: 'Failure trace visualization',
  description:
    'Reads the newest calls that failed, were refused or whose outcome nobody knows, and draws how the worst of them went.',
  steps: [
    {
      kind: 'failures',
      step: 'failures_read',
      title: 'Failures read',
      limit: '${input.limit|10}',
    },
  ],
};
