import { DEFAULT_TENANT, fullAccess, type ApprovalRecord } from '@invoke/core/domain';
import { StorageUnavailable } from '@invoke/core/ports';
import type { Gateway } from './gateway.js';
import type { People } from './plan.js';
import type { World } from './world.js';

/** They look for what waits this often. */
const LOOK_EVERY_MS = 170;
/** A reviewer lets a call be tried again so often, and then says what is so. */
export const MOST_RETRIES = 2;

const EVERYTHING = { tenant: DEFAULT_TENANT, limit: 200, before: null, agentId: null } as const;

/**
 * Decides on everything that waits, at all gateways that are awake, again and again, and several at once. Nobody says what is
 * not so: whoever reviews looks at the ledger of the tools, while nothing is under way to them.
 */
export function startPeople(world: World, people: People): () => void {
  const retries = new Map<string, number>();
  let stopped = false;

  async function review({ id, executionId }: ApprovalRecord): Promise<void> {
    const record = await world.store.executions.find(DEFAULT_TENANT, executionId);
    if (record === null || world.outside.underWay() > 0) return;
    const key = record.idempotencyKey;
    const done = world.outside.effects.some((effect) => effect.key === key);
    const retried = retries.get(executionId) ?? 0;
    const mayRetry = !done && retried < MOST_RETRIES && people.review !== 'says';
    if (mayRetry) retries.set(executionId, retried + 1);
    const says = done ? 'applied' : 'not_applied';
    world.fleet.awake().forEach(({ engine }, i) => {
      const retries = mayRetry && (people.review === 'retries' || i % 2 === 0);
      const request = { resolution: retries ? 'retry' : says } as const;
      decide(engine.resolve({ principal: REVIEWER, id, request, waitMs: 0 }));
    });
  }

  async function round(): Promise<void> {
    const waiting = await world.store.approvals.list({ ...EVERYTHING, state: 'pending' });
    for (const { id } of waiting.filter((a) => a.kind === 'approval')) {
      world.fleet.awake().forEach((gateway, i) => decideOn(id, people.approval, { gateway, i }));
    }
    if (people.review !== 'nobody') {
      for (const asked of waiting.filter((a) => a.kind === 'review')) await review(asked);
    }
    if (!stopped) world.clock.schedule(LOOK_EVERY_MS, () => void round());
  }

  world.clock.schedule(LOOK_EVERY_MS, () => void round());
  return () => void (stopped = true);
}

const APPROVER = fullAccess('approver');
const REVIEWER = fullAccess('reviewer');

function decideOn(
  id: string,
  how: People['approval'],
  { gateway: { engine }, i }: { readonly gateway: Gateway; readonly i: number },
): void {
  const yes = how === 'yes' || (how === 'yes_and_no' && i % 2 === 0);
  const input = { principal: APPROVER, id, request: {}, waitMs: 0 };
  decide(yes ? engine.approve(input) : engine.reject(input));
}

function decide(decision: Promise<unknown>): void {
  decision.catch((error: unknown) => {
    if (!(error instanceof StorageUnavailable)) throw error;
  });
}
