import type { FailAction, Failpoint } from './failpoints.js';

/** What a gateway of the kit tells its fleet, one line of JSON each. */
export type GatewayEvent =
  | { readonly kind: 'ready'; readonly url: string }
  | { readonly kind: 'failpoint'; readonly at: Failpoint; readonly action: FailAction }
  /** Leave was given to write a request; `mark` is its traceparent. */
  | { readonly kind: 'sent'; readonly at: number; readonly mark: string; readonly executionId: string };

/** The variables that only a gateway of the kit knows. */
export const FAULT_VARIABLES = {
  failpoints: 'INVOKE_FAILPOINTS',
  seed: 'INVOKE_FAILPOINTS_SEED',
  mode: 'INVOKE_FAULT_MODE',
} as const;
