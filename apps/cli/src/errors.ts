import { EXIT, type ExitCode } from './exit-codes.js';

export interface CliErrorInit {
  /** What happened, in one sentence. */
  readonly message: string;
  readonly exitCode: ExitCode;
  /** Short machine word for why. */
  readonly code: string;
  /** More of why: one line each. */
  readonly details?: readonly string[];
  /** Commands that lead on, the best one first. */
  readonly next?: readonly string[];
  readonly requestId?: string | undefined;
  readonly executionId?: string | undefined;
  readonly cause?: unknown;
}

/** An expected failure of a command, with all that a person needs to go on. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly details: readonly string[];
  readonly next: readonly string[];
  readonly requestId: string | undefined;
  readonly executionId: string | undefined;

  constructor(init: CliErrorInit) {
    super(init.message, { cause: init.cause });
    this.exitCode = init.exitCode;
    this.code = init.code;
    this.details = init.details ?? [];
    this.next = init.next ?? [];
    this.requestId = init.requestId;
    this.executionId = init.executionId;
  }
}

/** The command line itself is wrong: exit code 2. */
export function usageError(message: string, next: readonly string[] = [], cause?: unknown): CliError {
  return new CliError({ message, exitCode: EXIT.usage, code: 'usage', next, cause });
}

export function failure(code: string, message: string, next: readonly string[] = []): CliError {
  return new CliError({ message, exitCode: EXIT.failure, code, next });
}

/** Ctrl-C, or another signal to stop. */
export function interruption(): CliError {
  return new CliError({ message: 'Interrupted.', code: 'interrupted', exitCode: EXIT.interrupted });
}

/** The code of a system error (ENOENT, EACCES, ...), where it is one. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof CliError) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}
