import type { ApprovalRecord } from '../../domain/approval/approval-record.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { toMessages } from '../../domain/outbox/to-messages.js';
import type { OutboxMessage } from '../../ports/outbox-store.js';
import type { EngineDeps } from '../deps.js';

export type ApprovalEvent =
  'approval.requested' | 'approval.decided' | 'approval.requeued' | 'review.requested';

/** The messages that tell of an approval; written in the transaction of what they tell of. */
export function announce(
  event: ApprovalEvent,
  about: { readonly approval: ApprovalRecord; readonly execution: ExecutionRecord },
  { channels, clock, ids, publicUrl, tools }: EngineDeps,
): readonly OutboxMessage[] {
  const { tenant, tool, checkpoint } = about.approval;
  const found = tools.catalogue().find(tenant, tool);
  /* Another version may call other fields sensitive. */
  const known = found.kind === 'found' && found.tool.version === checkpoint.toolVersion;
  return toMessages({
    event,
    ...about,
    channels,
    publicUrl,
    ids: () => ids.message(),
    now: clock.now(),
    sensitive: known ? found.tool.card.sensitive : null,
  });
}
