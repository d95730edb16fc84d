import type { StoreCheck } from '@invoke/core/ports';
import { z } from 'zod';
import { json, problemOf } from '../http/reply.js';
import type { OpenRoute } from '../route.js';

/** GET /health: this process answers. Touches nothing. */
export const health: OpenRoute = {
  method: 'get',
  path: '/health',
  summary: 'Liveness',
  access: 'public',
  answers: { 200: { description: 'The process answers.', schema: z.object({ status: z.literal('ok') }) } },
  handle: () => json(200, { status: 'ok' }),
};

/** GET /ready: this process can record, so it can execute. */
export const ready: OpenRoute = {
  method: 'get',
  path: '/ready',
  summary: 'Readiness',
  access: 'public',
  answers: {
    200: {
      description: 'Writes are durable now.',
      schema: z.object({
        status: z.literal('ready'),
        db: z.literal('ok'),
        policy_file: z
          .enum(['in_force', 'stale'])
          .optional()
          .describe(
            "stale: the operator's file cannot be used as it is now, and the rules before it stay; see the log",
          ),
        history: z
          .literal('restored')
          .optional()
          .describe(
            'The database was restored from a backup: nothing that writes is begun until it is confirmed.',
          ),
      }),
    },
    503: {
      description:
        'Writes are not durable now, or what this gateway had acknowledged is not known to be there; no write tool is called.',
    },
  },
  async handle({ engine, policyFile, requestId }) {
    const checked = await engine.check();
    const file = policyFile();
    if (checked.ok && !engine.mayAct()) {
      const message = 'The lease of this gateway is over: it sends nothing until it is renewed.';
      return problemOf('storage_unavailable', message, requestId);
    }
    if (checked.ok && !engine.verified()) return problemOf('history_in_doubt', NOT_VERIFIED, requestId);
    return checked.ok
      ? json(200, {
          status: 'ready',
          db: 'ok',
          ...(file === null ? {} : { policy_file: file.kind }),
          ...(engine.quarantined() ? { history: 'restored' } : {}),
        })
      : problemOf('storage_unavailable', toMessage(checked), requestId);
  },
};

/** What came from below may name hosts and users, and everybody may ask. */
function toMessage({ kind, why }: Exclude<StoreCheck, { ok: true }>): string {
  return kind === 'flawed' ? `The store is not ready: ${why}` : 'The store is not ready.';
}

const NOT_VERIFIED =
  'The database has gone back, and what this gateway had acknowledged is not verified yet; see history_not_verified in its log.';
