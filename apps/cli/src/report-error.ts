import type { Problem } from '@invoke/sdk';
import { CliError } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Terminal } from './output/terminal.js';
import { toVisibleJson, visible } from './output/visible.js';

export interface ReportOptions {
  /** One JSON document instead of lines: for agents, and with --json. */
  readonly asJson: boolean;
  readonly debug: boolean;
  /** Commands that list what the command line could have named. */
  readonly lists: readonly string[];
}

/** Says on stderr what happened, why, and which command leads on. @returns the exit code */
export async function reportError(
  error: unknown,
  terminal: Terminal,
  options: ReportOptions,
): Promise<ExitCode> {
  const report = await toReport(error, options.lists);
  if (options.asJson) {
    terminal.note(toVisibleJson(toDocument(report)));
  } else {
    const reasons = [
      SELF_EXPLAINING.includes(report.code) || report.message.endsWith(`(${report.code})`)
        ? []
        : [report.code],
      report.requestId === undefined ? [] : [`request ${report.requestId}`],
      report.executionId === undefined ? [] : [`execution ${report.executionId}`],
    ].flat();
    terminal.note(`${terminal.style('red', 'error')}: ${visible(report.message)}`);
    const details = report.details.filter((detail) => !report.message.startsWith(detail));
    for (const detail of details) terminal.note(`  ${visible(detail)}`);
    if (reasons.length > 0) terminal.note(`  why:  ${visible(reasons.join(', '))}`);
    if (report.next.length > 0) terminal.note(`  next: ${visible(report.next.join('   or   '))}`);
  }
  if (options.debug) terminal.note(visible(stackOf(error)));
  return report.exitCode;
}

/** Codes that add nothing to their sentence. */
const SELF_EXPLAINING = ['usage', 'interrupted'];

function toDocument({ code, message, details, next, requestId, executionId, exitCode }: CliError): object {
  return {
    status: 'error',
    reason: code,
    message,
    ...(details.length === 0 ? {} : { details }),
    next: next.map((command) => ({ command })),
    user_action_required: exitCode === EXIT.unauthenticated,
    ...(requestId === undefined ? {} : { request_id: requestId }),
    ...(executionId === undefined ? {} : { execution_id: executionId }),
    exit_code: exitCode,
  };
}

async function toReport(error: unknown, lists: readonly string[]): Promise<CliError> {
  if (error instanceof CliError) return error;
  // Only commands that have loaded the SDK can throw its errors; the others should not pay for it.
  const { InvokeError } = await import('@invoke/sdk');
  if (InvokeError.isInstance(error)) {
    const { adviseOn } = await import('./advise.js');
    const { code, message, requestId, executionId, problem } = error;
    const details = detailsOf(problem);
    const advice = adviseOn(error, lists);
    return new CliError({ ...advice, code, message, details, requestId, executionId, cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  const next = ['invoke doctor', 'the same command with --debug'];
  return new CliError({ message, code: 'unexpected', exitCode: EXIT.failure, next, cause: error });
}

/** One line per field; of a policy, its lines with a caret under each mistake. */
function detailsOf(problem: Problem | undefined): readonly string[] {
  const caret = problem?.['caret'];
  if (typeof caret === 'string') return caret.split('\n');
  const fields = (problem?.errors ?? []).map(({ pointer, message }) => `${pointer}: ${message}`);
  // How far a workflow got.
  const flow = problem?.['visual_flow'];
  return typeof flow === 'string' ? [...fields, flow] : fields;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
