import type { Conditions, Refusal, Scope } from '@invoke/contract';
import { decideHeldScope } from '../../domain/access/decide-principal.js';
import { decideContext } from '../../domain/access/decide-scope.js';
import type { Principal } from '../../domain/access/principal.js';
import { compileConditions, type CompiledConditions } from '../../domain/policy/conditions.js';
import type { ExpressionLanguage } from '../../domain/policy/expression.js';

/** What comes with every request beside what it says. */
export interface RequestMeta {
  readonly requestId: string;
  readonly traceparent: string | null;
}

/** Whom a check is made for. */
export interface Asking {
  readonly principal: Principal;
  readonly meta: RequestMeta;
}

export type Checked<A> =
  | { readonly kind: 'answer'; readonly answer: A }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly traceId: string };

interface CheckedRequest {
  readonly conditions: Conditions;
  readonly agent_id?: string | undefined;
  readonly env?: string | undefined;
  readonly workflow?: string | undefined;
}

export type Admitted =
  | { readonly kind: 'ok'; readonly conditions: Extract<CompiledConditions, { kind: 'ok' }> }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Whether a key may ask this, where and for whom it asks it, and whether its conditions can be used. */
export function admit(
  request: CheckedRequest,
  { principal, scope }: { readonly principal: Principal; readonly scope: Scope },
  language: ExpressionLanguage,
): Admitted {
  const held = decideHeldScope(principal, scope);
  if (held.kind === 'refuse') return { kind: 'refused', refusal: held.refusal };
  const { agent_id, env, workflow } = request;
  const placed = decideContext(principal, { agent_id, env, workflow });
  if (placed.kind === 'refuse') return { kind: 'refused', refusal: placed.refusal };
  const conditions = compileConditions(request.conditions, language);
  if (conditions.kind === 'ok') return { kind: 'ok', conditions };
  const { message } = conditions;
  const pointer = `/conditions${conditions.pointer}`;
  const refusal = {
    code: 'policy_invalid',
    message: `A condition cannot be used: ${pointer}: ${message}.`,
    errors: [{ pointer, message }],
  } as const;
  return { kind: 'refused', refusal };
}
