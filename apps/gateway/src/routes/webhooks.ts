import { SettlementAnswer } from '@invoke/contract';
import { StorageUnavailable } from '@invoke/core/ports';
import { MAX_BODY_BYTES } from '../http/incoming.js';
import { parseJsonBytes } from '../http/read-json.js';
import { json, problem, problemOf } from '../http/reply.js';
import type { OpenRoute } from '../route.js';

/** POST /webhooks/{provider}: what a provider tells of our calls, signed as Standard Webhooks 1.0 says. */
export const receiveEvent: OpenRoute = {
  method: 'post',
  path: '/webhooks/{provider}',
  summary: 'Take a signed event of a provider, and settle the call that it speaks of',
  access: 'public',
  answers: {
    200: { description: 'Taken; `status` says what it led to.', schema: SettlementAnswer },
    400: { description: 'The event is signed, and not a JSON object that can be read.' },
    401: {
      description: 'Not signed with the secret of this provider (or there is no such provider), or too old.',
    },
    413: { description: 'Larger than 1 MiB.' },
    503: { description: 'It could not be kept. Deliver it again.' },
  },
  async handle({ engine, incoming, params, requestId, verifyEvent }) {
    const body = await incoming.body(MAX_BODY_BYTES);
    if (body === 'too_large') {
      const message = `The body is larger than ${MAX_BODY_BYTES} bytes.`;
      return problemOf('payload_too_large', message, requestId);
    }
    const id = incoming.header('webhook-id');
    const timestamp = incoming.header('webhook-timestamp');
    const signature = incoming.header('webhook-signature');
    const candidates = engine.providersNamed(params['provider'] ?? '');
    const provider = verifyEvent(candidates, { id, timestamp, signature, body });
    if (provider === null || id === undefined) {
      const message =
        'The event is not signed with the secret of this provider, or its timestamp is too old.';
      return problemOf('signature_invalid', message, requestId);
    }
    const parsed = parseJsonBytes(body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    try {
      const outcome = await engine.settleEvent({ provider, id, payload: parsed.value });
      return json(200, { success: true, ...outcome });
    } catch (error) {
      if (!(error instanceof StorageUnavailable)) throw error;
      return problemOf('storage_unavailable', 'The event could not be kept. Deliver it again.', requestId);
    }
  },
};
