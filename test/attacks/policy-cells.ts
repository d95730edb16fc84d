import { expect } from 'vitest';
import type { Cells, RowOutcome } from './support/cell.js';
import type { Request } from './support/world.js';

/** Rows about rules and contracts that callers attach. */
export const POLICY_CELLS: Cells = {
  'POL-002': { check: pointsAt('/policy/rules/0/when') },
  'POL-006': {
    async check({ row, world, prefix }) {
      const body = row.body as Record<string, unknown>;
      const other = { variables: { branch: 'release' } };
      const conflict = await world.request({
        method: 'POST',
        path: `${prefix}/call`,
        body: { ...body, execution_state: other },
      });
      expect([conflict.status, conflict.body['code']]).toEqual([409, 'context_conflict']);
    },
  },
  'POL-007': { check: pointsAt('/policy/rules/0/when') },
  'POL-009': {
    requests(request) {
      const { policy } = request.body as { policy: { rules: readonly object[] } };
      const turned = { rules: [...policy.rules].reverse() };
      return [request, withPolicy(request, turned)];
    },
  },
  'POL-010': { check: pointsAt('/policy/rules/0/when') },
  'POL-011': { check: pointsAt('/policy/conditions/balance') },
  'POL-012': { check: pointsAt('/policy/conditions/balance') },
  'POL-013': { check: pointsAt('/policy/threshold') },
  'POL-018': { check: pointsAt('/policy/expires_at') },
  'POL-019': {
    requests: (request) =>
      [
        '2026-02-30T00:00:00Z',
        '2020-01-01T00:00:00Z',
        '2027-01-01T00:00:00',
        'tomorrow',
        '',
        1_900_000_000_000,
      ].map((expires_at) => {
        const { policy } = request.body as { policy: object };
        return withPolicy(request, { ...policy, expires_at });
      }),
    check: pointsAt('/policy/expires_at'),
  },
};

function withPolicy(request: Request, policy: object): Request {
  return { ...request, body: { ...(request.body as object), policy } };
}

/** The answer names the place of the fault. */
function pointsAt(pointer: string) {
  return ({ answer }: RowOutcome) => expect(answer.body['errors']).toMatchObject([{ pointer }]);
}
