import { openSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import type { Log } from '@invoke/core';
import { redact } from '@invoke/core/domain';
import { makeFolder } from '@invoke/storage';
import { createLineWriter } from './line-writer.js';

const STANDARD_ERROR = 2;

export interface GatewayLog extends Log {
  /** Resolves when everything said so far is written, or cannot be. The log is closed then. */
  end(): Promise<void>;
}

/**
 * JSON lines to standard error or to a file, redacted. Standard output belongs to the line that says where the gateway is.
 * Lines that cannot be written are lost and counted; nothing waits for them. Throws where the file cannot be opened.
 */
export function createLog(file: string | null): GatewayLog {
  const writer = createLineWriter(file === null ? STANDARD_ERROR : openToAppend(file), noticeOf);
  const logger = createLogger(writer);
  const clean = (fields: Readonly<Record<string, unknown>> | undefined) =>
    redact(fields ?? {}) as Record<string, unknown>;
  return {
    info: (event, fields) => logger.info(clean(fields), event),
    warn: (event, fields) => logger.warn(clean(fields), event),
    error: (event, fields) => logger.error(clean(fields), event),
    end: () => writer.end(),
  };
}

function createLogger(destination: { write(line: string): void }) {
  return pino({ level: 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}

function noticeOf(lost: number): string {
  let notice = '';
  createLogger({ write: (line) => (notice = line) }).warn({ lines: lost }, 'log_lines_lost');
  return notice;
}

function openToAppend(file: string): number {
  makeFolder(dirname(file));
  return openSync(file, 'a');
}
