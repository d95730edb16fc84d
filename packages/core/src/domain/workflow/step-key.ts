import type { WorkflowDefinition } from '@invoke/contract';

/**
 * The idempotency key of one call of a workflow: the workflow's own key where it makes one call only, so that the key names
 * that execution; else one per step, so that a repeat replays what is done and goes on where it had stopped.
 */
export function stepKey({ steps }: WorkflowDefinition, step: string, key: string): string {
  return steps.filter((s) => s.kind === 'call').length === 1 ? key : `${key}:${step}`;
}
