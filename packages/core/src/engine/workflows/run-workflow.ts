import type { JsonObject, Refusal, WorkflowDefinition } from '@invoke/contract';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { beginStory, endStory, goOn, type Story } from '../../domain/workflow/story.js';
import { runStep, type RunFrame, type StepPorts } from './run-step.js';

export type WorkflowRun =
  | {
      readonly kind: 'ran';
      readonly definition: WorkflowDefinition;
      readonly story: Story;
      /** Null: to its end. Else the word for where it stands. */
      readonly stopped: string | null;
      /** Of its governed calls, in order. */
      readonly records: readonly ExecutionRecord[];
      /** Whether every call was answered by what is recorded. */
      readonly replayed: boolean;
      /** What the last step found. */
      readonly result: unknown;
    }
  | {
      readonly kind: 'refused';
      readonly refusal: Refusal;
      /** How far it got; null where it did not begin. */
      readonly story: Story | null;
    };

/**
 * Runs the steps one after the other and stops at the first that is not a success. With a key it can be repeated: what is
 * done is replayed, and it goes on where it had stopped.
 */
export async function runWorkflow(
  frame: RunFrame,
  input: JsonObject,
  ports: StepPorts,
): Promise<WorkflowRun> {
  const { definition } = frame;
  const results: Record<string, unknown> = {};
  const records: ExecutionRecord[] = [];
  let story = beginStory(definition);
  let replayed = true;
  let result: unknown = null;
  for (const step of definition.steps) {
    const done = await runStep(step, { frame, scope: { input, steps: results } }, ports);
    if (done.kind === 'refused')
      return { kind: 'refused', refusal: done.refusal, story: endStory(story, 'refused') };
    story = goOn(story, done.end);
    if (done.refusal !== null)
      return { kind: 'refused', refusal: done.refusal, story: endStory(story, 'blocked') };
    if (done.call !== null) {
      records.push(done.call.record);
      replayed &&= done.call.replayed;
    }
    results[step.step] = done.end.result;
    ({ result } = done.end);
    const { stopped } = done.end;
    if (stopped !== null) {
      return { kind: 'ran', definition, story: endStory(story, stopped), stopped, records, replayed, result };
    }
  }
  replayed &&= records.length > 0;
  return { kind: 'ran', definition, story: endStory(story, null), stopped: null, records, replayed, result };
}
