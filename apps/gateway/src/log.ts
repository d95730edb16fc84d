import { once } from 'node:events';
import { pino } from 'pino';
import type { Log } from '@invoke/core';
import { redact } from '@invoke/core/domain';

export interface GatewayLog extends Log {
  /** Resolves when everything said so far is written. */
  flush(): Promise<void>;
}

/** JSON lines to standard error or to a file, redacted. Standard output belongs to the line that says where the gateway is. */
export function createLog(file: string | null): GatewayLog {
  const destination = pino.destination({ dest: file ?? 2, mkdir: true, sync: file === null });
  const logger = pino({ level: 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  const clean = (fields: Readonly<Record<string, unknown>> | undefined) =>
    redact(fields ?? {}) as Record<string, unknown>;
  return {
    info: (event, fields) => logger.info(clean(fields), event),
    warn: (event, fields) => logger.warn(clean(fields), event),
    error: (event, fields) => logger.error(clean(fields), event),
    async flush() {
      try {
        destination.flushSync();
      } catch {
        // Who closes in the instant of starting is quicker than the file is opened.
        await once(destination, 'ready');
        destination.flushSync();
      }
    },
  };
}
