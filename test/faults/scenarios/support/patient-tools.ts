import type { ReconcileSpec } from '@invoke/contract';
import { setUp } from '../../../support/set-up.js';
import { toolsOf } from '../../kit/cards.js';
import { APPROVER } from '../../kit/fleet.js';
import { registerTools } from '../../kit/register-tools.js';

/** How long a tool has to answer, and how long after that it may still act. */
export const TIMEOUT_MS = 1_500;
export const SETTLE_MS = 600;

interface PatientTools {
  readonly toolUrl: string;
  /** More of what the cards of class B declare. */
  readonly reconcile: Partial<ReconcileSpec>;
  readonly timeoutMs: number | undefined;
}

/**
 * Puts versions with other times in the place of the tools of the kit: their timeout is short enough for a busy machine to be
 * late, which chaos does not mind, and a scenario does.
 */
export async function registerPatientTools(
  gateway: string,
  { toolUrl, reconcile, timeoutMs = TIMEOUT_MS }: PatientTools,
): Promise<void> {
  await registerTools(gateway, toolUrl, SETTLE_MS);
  await Promise.all(
    toolsOf(SETTLE_MS).map(async ({ card, method, approvalRequired }) => {
      const patient = {
        ...card,
        timeout_ms: timeoutMs,
        ...(card.reconcile === undefined ? {} : { reconcile: { ...card.reconcile, ...reconcile } }),
      };
      await setUp(`${gateway}/v1/providers/ledger/tools`, APPROVER, {
        name: card.name,
        capability_card: patient,
        http: { method, url: `${toolUrl}${card.name}` },
        approval_required: approvalRequired,
      });
    }),
  );
}
