import type { ToolReply } from '@invoke/core/domain';
import type { ToolCall } from '@invoke/core/ports';

/**
 * The simulated charge: it takes effect as soon as it may be sent, and then its answer is lost. Whoever calls it learns only
 * by looking whether it happened. It keeps nothing, so it is the same on every gateway and after every restart.
 */
export async function sandboxCharge({ mayStillSend }: ToolCall): Promise<ToolReply> {
  if (!mayStillSend()) {
    return { kind: 'failure', sent: false, reason: 'fenced', message: 'this gateway may not send any more' };
  }
  return {
    kind: 'failure',
    sent: true,
    reason: 'connection_lost',
    message: 'the sandbox lost its answer, as it always does',
  };
}

/** Finds the simulated charge with this reference. */
export async function sandboxLookup({ params }: ToolCall): Promise<ToolReply> {
  const reference = params['reference'];
  const charged = typeof reference === 'string' && OUR_REFERENCE.test(reference);
  const value = { sandbox: true, reference, charged };
  return { kind: 'answer', status: null, isError: false, text: JSON.stringify(value), value };
}

/** The reference that goes with every call: nobody else makes one of this form. */
const OUR_REFERENCE = /^ivk_[0-9A-Za-z_]{16,200}$/;
