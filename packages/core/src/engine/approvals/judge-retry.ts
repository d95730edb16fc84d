import { decideRetry, type Retry } from '../../domain/approval/decide-retry.js';
import { PROCEED } from '../../domain/decision.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { decideOwnContract } from '../../domain/policy/decide-own-contract.js';
import type { PolicyVerdict } from '../../domain/policy/policy-verdict.js';
import { strictestVerdict } from '../../domain/policy/strictest-verdict.js';
import { decideReach, type Reach } from '../../domain/tool/reach.js';
import type { EngineDeps } from '../deps.js';
import { entityOf, factsOf, liveState, ownOf, requesterOf, scopeOf } from './thaw.js';

export interface RetryInput {
  readonly record: ExecutionRecord;
  /** The tool, and the fallback that may be called if it fails again. */
  readonly reach: Reach;
  readonly approvers: number;
}

/** Holds a call that is in review against the world as it is now. Reads only. */
export async function judgeRetry({ record, reach, approvers }: RetryInput, deps: EngineDeps): Promise<Retry> {
  const requester = await requesterOf(record.keyId, deps);
  const { policy } = record.request;
  const contract = { record, given: null, stateRefetch: policy?.state_refetch ?? null };
  const { state, unread } = await liveState(contract, requester, deps);
  const usable = ownOf(record, deps);
  const own = usable.kind === 'ok' ? usable.policy : null;
  const frozen = { record, intent: policy?.intent ?? null, frozen: null };
  const verdicts: PolicyVerdict[] = [];
  const ownContract = decideReach(reach, (tool) => {
    const facts = factsOf(frozen, { tool, state }, deps);
    verdicts.push(deps.policies.judge(record.tenant, facts, own));
    return own === null ? PROCEED : decideOwnContract(own, state, facts);
  });
  return decideRetry({
    scope: requester === null ? null : decideReach(reach, (tool) => scopeOf(record, { requester, tool })),
    entity: await entityOf(record, { reach, state }, deps),
    unusable: usable.kind === 'ok' ? null : usable.why,
    unread,
    verdict: strictestVerdict(verdicts),
    contract: ownContract,
    approvers,
  });
}
