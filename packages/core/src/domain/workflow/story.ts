import type { WorkflowDefinition, WorkflowTraceStep } from '@invoke/contract';

/** How a run of a workflow has gone so far. Lines are all text, so that they can be shown as they are. */
export interface Story {
  readonly lines: readonly WorkflowTraceStep[];
  /** What is drawn instead of the lines themselves: the flow of the call that a run is about. */
  readonly drawn: readonly string[] | null;
  /** What is worth telling of the step that came last. */
  readonly told: string;
}

/** What one step adds to the story, and whether the run goes on. */
export interface StepEnd {
  readonly lines: readonly WorkflowTraceStep[];
  readonly drawn?: readonly string[];
  /** What is worth telling of it in one phrase. */
  readonly told: string;
  /** What later steps may refer to. */
  readonly result: unknown;
  /** Null: the next step may come. Else the word for where the run stands. */
  readonly stopped: string | null;
}

export function beginStory({ title }: WorkflowDefinition): Story {
  return {
    lines: [line({ step: 'request_received', status: 'completed', detail: title })],
    drawn: null,
    told: '',
  };
}

export function goOn(story: Story, { lines, drawn, told }: StepEnd): Story {
  return { lines: [...story.lines, ...lines], drawn: drawn ?? story.drawn, told };
}

/** The last line: `execution_completed`, or the word for where the run stands. */
export function endStory(story: Story, stopped: string | null): Story {
  const word = stopped ?? 'completed';
  return {
    ...story,
    lines: [...story.lines, line({ step: `execution_${word}`, status: word, detail: story.told })],
  };
}

/** One line; its title is made from its name where none is given. */
export function line({
  step,
  status,
  detail,
  title = titleOf(step),
}: Omit<WorkflowTraceStep, 'title'> & { readonly title?: string }): WorkflowTraceStep {
  return { step, title, status, detail };
}

/** Steps of an execution that are for the record, not for a drawing. */
const UNDRAWN: readonly string[] = ['attempt_started', 'attempt_ended', 'outcome_looked_up'];

/** `request_received -> context_retrieved -> ...`. */
export function visualFlow({ lines, drawn }: Story): string {
  const names = drawn ?? lines.map((l) => l.step).filter((s) => !UNDRAWN.includes(s));
  return names.join(' -> ');
}

/** One or two sentences for somebody who reads nothing else. */
export function summaryOf({ title }: WorkflowDefinition, { told }: Story, stopped: string | null): string {
  const how = stopped === null ? 'completed' : `ended with ${stopped.replaceAll('_', ' ')}`;
  return told === '' ? `${title} ${how}.` : `${title} ${how}: ${told.replace(/\.$/, '')}.`;
}

/** `duplicate_retry_blocked` as `Duplicate retry blocked`. */
function titleOf(step: string): string {
  const words = step.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
