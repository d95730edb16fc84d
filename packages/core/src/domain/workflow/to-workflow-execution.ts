import type { ExecutionView, TraceStep, WorkflowDefinition } from '@invoke/contract';
import type { ExecutionRecord } from '../execution/execution-record.js';
import { presentExecution, toExecutionView } from '../execution/present-execution.js';
import { inner } from './step-ends.js';

export interface WorkflowExecution {
  readonly success: boolean;
  readonly execution: ExecutionView;
}

/**
 * A workflow that was run as a durable execution, told from what is recorded of its calls and from nothing else, so that a
 * repeat tells the same: the view of its last call, under the workflow's own key and with the whole story.
 *
 * @param records of its calls, in order; at least one
 */
export function toWorkflowExecution(
  definition: WorkflowDefinition,
  {
    records,
    key,
  }: { readonly records: readonly [ExecutionRecord, ...ExecutionRecord[]]; readonly key: string | null },
  parse: (text: string) => unknown,
): WorkflowExecution {
  const last = records.at(-1) ?? records[0];
  const view = toExecutionView(last, parse);
  const calls = definition.steps.filter((s) => s.kind === 'call').length;
  const success = records.length === calls && presentExecution(last, false).success;
  return {
    success,
    execution: {
      ...view,
      idempotency_key: calls === 1 ? view.idempotency_key : key,
      // How the outcome came to be known is in the trace and in the decision; a workflow is completed or it is not.
      final_outcome: success ? 'completed' : view.final_outcome,
      trace: storyOf(definition, records),
    },
  };
}

function storyOf(
  { steps }: WorkflowDefinition,
  records: readonly [ExecutionRecord, ...ExecutionRecord[]],
): TraceStep[] {
  const [first] = records;
  const told: TraceStep[] = [{ step: 'request_received', status: 'completed', at: first.createdAt }];
  let n = 0;
  for (const { kind, step } of steps) {
    const record = records[n];
    if (record === undefined) break;
    const at = record.createdAt;
    if (kind === 'call') {
      told.push({ step, status: presentExecution(record, false).status, at }, ...inner(record));
      n += 1;
      continue;
    }
    told.push({ step, status: 'completed', at });
    if (kind === 'preflight' && record.journal.attempts.length > 0) {
      told.push({ step: 'tool_authorized', status: 'completed', at });
    }
  }
  const last = records.at(-1) ?? first;
  if (last.finishedAt !== null) {
    told.push({ step: `execution_${last.state}`, status: 'completed', at: last.finishedAt });
  }
  return told;
}
