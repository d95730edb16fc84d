import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { toMessages } from '../../domain/outbox/to-messages.js';
import type { OutboxMessage } from '../../ports/outbox-store.js';
import type { EngineDeps } from '../deps.js';

/** The messages that tell that the database had lost an execution. Their ids follow from the version that was put back. */
export function announceReinstated(
  execution: ExecutionRecord,
  { channels, clock, digest, publicUrl }: Pick<EngineDeps, 'channels' | 'clock' | 'digest' | 'publicUrl'>,
): readonly OutboxMessage[] {
  const { id, epoch, seq } = execution;
  let n = 0;
  const ids = () => {
    n += 1;
    return `msg_${digest.sha256(JSON.stringify(['execution.reinstated', id, epoch, seq, n])).slice(0, 32)}`;
  };
  const now = clock.now();
  return toMessages({
    event: 'execution.reinstated',
    execution,
    ids,
    channels,
    publicUrl,
    now,
    sensitive: null,
  });
}
