import type { WorkflowDefinition } from '@invoke/contract';

const tool = '${input.tool|sandbox.charge}';
const params = '${input.params|{}}';

/** One governed call, looked at before it is made. */
export const safeToolExecution: WorkflowDefinition = {
  id: 'safe-tool-execution',
  title: 'Safe tool execution',
  description:
    'Looks at a call before it is made, then makes it with all guarantees: an unknown outcome is reconciled, a repeat is replayed. Without input.tool it is the sandbox charge, whose answer is always lost and which moves no money.',
  steps: [
    { kind: 'preflight', step: 'risk_scanned', title: 'Risk scanned', tool, params },
    { kind: 'call', step: 'tool_called', title: 'Tool called', tool, params },
  ],
};
