import type { ErrorCode, FieldProblem, Refusal } from '@invoke/contract';

/** What a stage decides. `repeat` is for execute and reconcile, which alternate. */
export type Decision =
  | { readonly kind: 'proceed' }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  /** Answer with an execution that exists already. */
  | { readonly kind: 'answer'; readonly how: 'replay' | 'attach' | 'current' }
  | { readonly kind: 'repeat'; readonly from: 'execute' | 'reconcile' };

export type Refused = Extract<Decision, { kind: 'refuse' }>;

export const PROCEED: Decision = { kind: 'proceed' };

export interface RefusalMore {
  readonly errors?: readonly FieldProblem[];
  readonly details?: Readonly<Record<string, unknown>>;
}

/** A refusal of what one field names, told with that field: in the sentence that people read, and for machines. */
export function inField(decision: Decision, pointer: string): Decision {
  if (decision.kind !== 'refuse') return decision;
  const { refusal } = decision;
  const { message, errors = [{ pointer, message }] } = refusal;
  return { kind: 'refuse', refusal: { ...refusal, message: `${pointer}: ${message}`, errors } };
}

export function refuse(code: ErrorCode, message: string, more: RefusalMore = {}): Refused {
  return { kind: 'refuse', refusal: { code, message, ...more } };
}
