import type { CallPolicy } from '@invoke/contract';
import type { PolicyVerdict } from '../policy/policy-verdict.js';
import { after, durationMs, epochMs, type EpochMs } from '../time.js';
import type { ToolDefinition } from '../tool/tool-definition.js';
import type { FrozenContract } from './approval-record.js';

export interface FreezeFacts {
  /** What it may reach: the tool, and its fallback. */
  readonly tools: readonly Pick<ToolDefinition, 'name' | 'approvalRequired'>[];
  /** What the caller attached. */
  readonly policy: CallPolicy | null;
  readonly verdict: PolicyVerdict;
  readonly now: EpochMs;
}

/** Why a call waits for a human, and what has to hold when one says yes. */
export interface Freeze {
  readonly reason: string;
  readonly contract: FrozenContract;
  readonly approversNeeded: number;
  readonly expiresAt: EpochMs;
}

/** An approval that nobody has dated waits this long. Silence never means yes. */
const WAITS_MS = durationMs(86_400_000);

/**
 * Whether this call is frozen until a human has decided: a rule asks for it, a tool that it may reach is registered so, or it
 * carries a contract (an intent with a condition or conditions), which is a promise about the world that somebody has to make.
 * Null: it goes on.
 */
export function decideFreeze({ tools, policy, verdict, now }: FreezeFacts): Freeze | null {
  const rule = verdict.kind === 'require_approval' ? verdict.by : null;
  const carriesContract = policy?.condition !== undefined || policy?.conditions !== undefined;
  const asking = tools.find(({ approvalRequired }) => approvalRequired);
  if (rule === null && !carriesContract && asking === undefined) return null;
  const reason =
    rule?.reason ??
    (carriesContract
      ? `${policy.intent} is only approved while its conditions hold`
      : `${asking?.name} is registered so that a human approves each call`);
  return {
    reason,
    contract: {
      intent: policy?.intent ?? rule?.intent ?? null,
      condition: policy?.condition ?? null,
      conditions: policy?.conditions ?? null,
      threshold: policy?.threshold ?? 'strict',
      allowedAction: policy?.allowed_action ?? rule?.allowedAction ?? null,
      stateRefetch: policy?.state_refetch ?? null,
    },
    approversNeeded: verdict.kind === 'require_approval' ? verdict.approvers : 1,
    expiresAt:
      policy?.expires_at === undefined ? after(now, WAITS_MS) : epochMs(Date.parse(policy.expires_at)),
  };
}
