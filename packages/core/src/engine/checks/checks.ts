import type {
  ReconcileAnswer,
  ReconcileRequest,
  VerifyStateAnswer,
  VerifyStateRequest,
} from '@invoke/contract';
import type { Principal } from '../../domain/access/principal.js';
import type { EngineDeps } from '../deps.js';
import type { Checked, RequestMeta } from './check-request.js';
import { preflight, type PreflightAnswer, type PreflightInput } from './preflight.js';
import { reconcileOutcome } from './reconcile-outcome.js';
import { verifyState } from './verify-state.js';

/** What can be asked without acting. */
export interface Checks {
  verifyState(
    principal: Principal,
    request: VerifyStateRequest,
    meta: RequestMeta,
  ): Promise<Checked<VerifyStateAnswer>>;
  reconcileOutcome(
    principal: Principal,
    request: ReconcileRequest,
    meta: RequestMeta,
  ): Promise<Checked<ReconcileAnswer>>;
  /** What a call would meet now. Nothing is executed, claimed, reserved or written. */
  preflight(input: PreflightInput): Promise<PreflightAnswer>;
}

export function createChecks(deps: EngineDeps): Checks {
  return {
    verifyState: (principal, request, meta) => verifyState(request, { principal, meta }, deps),
    reconcileOutcome: (principal, request, meta) => reconcileOutcome(request, { principal, meta }, deps),
    preflight: (input) => preflight(input, deps),
  };
}
