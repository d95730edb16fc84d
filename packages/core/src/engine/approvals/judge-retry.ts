import { decideRetry, type Retry } from '../../domain/approval/decide-retry.js';
import { PROCEED } from '../../domain/decision.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { decideOwnContract } from '../../domain/policy/decide-own-contract.js';
import type { ToolDefinition } from '../../domain/tool/tool-definition.js';
import type { EngineDeps } from '../deps.js';
import { entityOf, factsOf, liveState, ownOf, requesterOf, scopeOf } from './thaw.js';

export interface RetryInput {
  readonly record: ExecutionRecord;
  readonly tool: ToolDefinition;
  readonly approvers: number;
}

/** Holds a call that is in review against the world as it is now. Reads only. */
export async function judgeRetry({ record, tool, approvers }: RetryInput, deps: EngineDeps): Promise<Retry> {
  const requester = await requesterOf(record.keyId, deps);
  const { policy } = record.request;
  const contract = { record, given: null, stateRefetch: policy?.state_refetch ?? null };
  const { state, unread } = await liveState(contract, requester, deps);
  const usable = ownOf(record, deps);
  const own = usable.kind === 'ok' ? usable.policy : null;
  const world = { tool, state };
  const facts = factsOf({ record, intent: policy?.intent ?? null, frozen: null }, world, deps);
  return decideRetry({
    scope: requester === null ? null : scopeOf(record, { requester, tool }),
    entity: await entityOf(record, world, deps),
    unusable: usable.kind === 'ok' ? null : usable.why,
    unread,
    verdict: deps.policies.judge(record.tenant, facts, own),
    contract: own === null ? PROCEED : decideOwnContract(own, state, facts),
    approvers,
  });
}
