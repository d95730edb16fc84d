import { BudgetUse, UsageLine } from '@invoke/contract';
import { epochMs, type EpochMs } from '@invoke/core/domain';
import { z } from 'zod';
import { parseQuery } from '../http/page.js';
import { json, problem } from '../http/reply.js';
import type { KeyedRoute } from '../route.js';

/** Milliseconds since 1970, or RFC 3339 with its zone. */
const Instant = z.union([z.string().regex(/^\d{1,15}$/), z.iso.datetime({ offset: true })], {
  error: 'expected milliseconds since 1970, or RFC 3339 with a zone: 2026-11-23T00:00:00Z',
});

const UsageQuery = z
  .strictObject({
    per: z.enum(['tool', 'agent', 'key']).default('tool'),
    since: Instant.optional(),
    until: Instant.optional(),
  })
  .refine(({ since, until }) => (toEpochMs(since) ?? 0) < (toEpochMs(until) ?? Infinity), {
    path: ['since'],
    message: 'expected an instant before until',
  });

function toEpochMs(instant: string | undefined): EpochMs | null {
  if (instant === undefined) return null;
  return epochMs(/^\d+$/.test(instant) ? Number(instant) : Date.parse(instant));
}

/** GET /usage: what was used in a period (the last 24 hours where none is named), and how much of the budgets is left. */
export const usage: KeyedRoute = {
  method: 'get',
  path: '/usage',
  summary: 'Read usage per tool, agent or key, and what is used of budgets',
  access: ['traces:read', 'logs:read'],
  query: UsageQuery,
  answers: {
    200: {
      description:
        'Calls accepted from `since` up to `until`. `complete` is false where only the newest of them were counted. Budgets are those of the present window.',
      schema: z.object({ usage: z.array(UsageLine), complete: z.boolean(), budgets: z.array(BudgetUse) }),
    },
  },
  async handle({ engine, principal, incoming, requestId }) {
    const query = parseQuery(UsageQuery, incoming);
    if (query.kind === 'refused') return problem(query.refusal, { requestId });
    const { per, since, until } = query.value;
    const report = await engine.usage(principal, {
      per,
      since: toEpochMs(since),
      until: toEpochMs(until),
    });
    return json(200, report);
  },
};
