import type { Principal } from '../../domain/access/principal.js';

/** One decision, as every entry path hands it in. */
export interface DecisionInput<Request> {
  readonly principal: Principal;
  readonly id: string;
  readonly request: Request;
  /** How long the answer may wait for the execution to end, in milliseconds. */
  readonly waitMs: number;
}
