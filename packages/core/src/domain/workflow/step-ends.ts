import type { PreflightView, TraceRecord, TraceStep, WorkflowTraceStep } from '@invoke/contract';
import type { ExecutionRecord } from '../execution/execution-record.js';
import { presentExecution, toTraceSteps } from '../execution/present-execution.js';
import type { FailureReport } from './failure-report.js';
import { line, type StepEnd } from './story.js';

/** A step as its definition names it. */
export interface NamedStep {
  readonly step: string;
  readonly title: string;
}

/** After a governed call: its own story, without its beginning and its end, which the run has itself. */
export function callEnd({ step, title }: NamedStep, record: ExecutionRecord, result: unknown): StepEnd {
  const { status, success } = presentExecution(record, true);
  const told = describeCall(record);
  return {
    lines: [line({ step, status, detail: told, title }), ...inner(record).map(toLine)],
    told,
    result,
    stopped: success ? null : status,
  };
}

/** The steps of an execution between its request and its end. */
export function inner(record: ExecutionRecord): readonly TraceStep[] {
  return toTraceSteps(record).filter(
    ({ step }) => step !== 'request_received' && step !== `execution_${record.state}`,
  );
}

function toLine({ step, status, detail }: TraceStep): WorkflowTraceStep {
  return line({ step, status, detail: detail ?? '' });
}

function describeCall({ tool, outcome, id }: ExecutionRecord): string {
  const how = outcome?.message ?? outcome?.final?.replaceAll('_', ' ') ?? 'not settled yet';
  return `${tool}: ${how} (${id})`;
}

/** After a look at a call: what it risks, and whether it may be made. */
export function preflightEnd({ step, title }: NamedStep, view: PreflightView): StepEnd {
  const { risk_score: level, risk_score_numeric: points, subject, decision } = view;
  const about = `${subject.tool}: ${level} risk (${points} of 100)`;
  const { name, status, detail } = ruling(view);
  return {
    lines: [line({ step, status: 'completed', detail: about, title }), line({ step: name, status, detail })],
    told: `${about}, ${detail}`,
    result: view,
    stopped: decision === 'block' ? 'blocked' : null,
  };
}

function ruling({ decision, code, reason, subject }: PreflightView): {
  readonly name: string;
  readonly status: string;
  readonly detail: string;
} {
  switch (decision) {
    case 'execute':
    case 'replay':
      return {
        name: 'tool_authorized',
        status: 'completed',
        detail: reason ?? `${subject.tool} may be called`,
      };
    case 'require_approval':
      return {
        name: 'approval_needed',
        status: 'pending_approval',
        detail: reason ?? 'a human decides first',
      };
    case 'wait':
      return { name: 'duplicate_found', status: 'pending', detail: reason ?? 'the same call is under way' };
    case 'block':
      return {
        name: 'tool_refused',
        status: code ?? 'blocked',
        detail: reason ?? 'the call would be refused',
      };
  }
}

/** After a search. Nothing found is no context to act on. */
export function searchEnd(
  { step, title }: NamedStep,
  answer: { readonly provider: string; readonly results: readonly { readonly url: string }[] },
): StepEnd {
  const { provider, results } = answer;
  const [best] = results;
  if (best === undefined) {
    const told = `${provider} found nothing`;
    return {
      lines: [line({ step, status: 'failed', detail: told, title })],
      told,
      result: answer,
      stopped: 'failed',
    };
  }
  const told = `${results.length} ${results.length === 1 ? 'source' : 'sources'} by ${provider}, first ${best.url}`;
  return {
    lines: [line({ step, status: 'completed', detail: told, title })],
    told,
    result: answer,
    stopped: null,
  };
}

/** After reading failures: how the worst of them went is what is drawn. */
export function failuresEnd({ step, title }: NamedStep, report: FailureReport): StepEnd {
  const { worst, failures, scanned } = report;
  if (worst === null) {
    const told = `of the newest ${scanned} requests, none went wrong`;
    return {
      lines: [line({ step, status: 'completed', detail: told, title })],
      told,
      result: report,
      stopped: null,
    };
  }
  const found = `${failures.length} of the newest ${scanned} requests went wrong`;
  const told = `${found}; the worst is ${worst.tool || 'a request that could not be read'} (${worst.status})`;
  return {
    lines: [line({ step, status: 'completed', detail: told, title }), ...worst.steps.map(toLine)],
    told,
    drawn: drawCall(worst),
    result: report,
    stopped: null,
  };
}

/** A call with its end: an execution that is still open, and a request that was refused, have none among their steps. */
function drawCall({ steps, status }: TraceRecord): readonly string[] {
  const names = steps.map((s) => s.step);
  return names.at(-1)?.startsWith('execution_') === true ? names : [...names, status];
}
