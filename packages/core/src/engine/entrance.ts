import type { Refusal, Scope } from '@invoke/contract';
import { decideHeldScope, decidePrincipal } from '../domain/access/decide-principal.js';
import type { Principal } from '../domain/access/principal.js';
import { answerOwn, answerStopped, type CallAnswer } from './answer.js';
import { createContext, patienceOf, type CallInput } from './context.js';
import type { EngineDeps } from './deps.js';
import type { Drivers } from './drivers.js';
import { runPipeline } from './run-pipeline.js';
import { within } from './timers.js';
import { toUnreadTrace, type UnreadCall } from './to-trace-record.js';

export type Authorized =
  | { readonly kind: 'ok'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** The ways in. */
export interface Entrance {
  /** Walks the pipeline. */
  call(input: CallInput): Promise<CallAnswer>;
  /** Refuses a request to act that could not even be read: to a caller who is known, and with a trace. */
  refuse(unread: UnreadCall): Promise<CallAnswer & { kind: 'refused' }>;
  /** Who a key stands for, if it holds a scope; for everything that is not a call. */
  authorize(rawKey: string, scope: Scope | null): Promise<Authorized>;
}

export function createEntrance(deps: EngineDeps, drivers: Drivers): Entrance {
  const { store, clock, ids } = deps;
  return {
    async call(input) {
      const ctx = createContext(input, ids.trace(), clock.now());
      await runPipeline(ctx, deps, { from: 'authenticate', until: 'execute' });
      if (ctx.stop !== null || ctx.run === null) {
        await runPipeline(ctx, deps, { from: 'record' });
        return answerStopped(ctx, drivers, deps);
      }
      await within(drivers.drive(ctx), patienceOf(ctx, deps), clock);
      return answerOwn(ctx, deps);
    },
    async refuse(unread) {
      const { credential } = unread;
      const known: Authorized =
        credential.kind === 'principal'
          ? { kind: 'ok', principal: credential.principal }
          : await authorize(credential.raw, 'tools:call', deps);
      const refusal = known.kind === 'refused' ? known.refusal : unread.refusal;
      const principal = known.kind === 'ok' ? known.principal : null;
      const trace = toUnreadTrace({ ...unread, refusal }, principal, {
        traceId: ids.trace(),
        at: clock.now(),
      });
      store.traces.append(trace);
      return { kind: 'refused', refusal, traceId: trace.trace_id };
    },
    authorize: (rawKey, scope) => authorize(rawKey, scope, deps),
  };
}

async function authorize(
  rawKey: string,
  scope: Scope | null,
  { keyRing, clock }: EngineDeps,
): Promise<Authorized> {
  const principal = rawKey === '' ? null : await keyRing.find(rawKey);
  const known = decidePrincipal(principal, clock.now());
  if (known.kind === 'refuse') return { kind: 'refused', refusal: known.refusal };
  const held = scope === null ? known : decideHeldScope(known.principal, scope);
  return held.kind === 'refuse'
    ? { kind: 'refused', refusal: held.refusal }
    : { kind: 'ok', principal: known.principal };
}
