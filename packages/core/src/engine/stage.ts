import type { Decision } from '../domain/decision.js';
import type { StageName } from '../domain/pipeline.js';
import type { CallContext } from './context.js';
import type { EngineDeps } from './deps.js';

type MaybePromise<T> = T | Promise<T>;

/**
 * One stage: gather reads through ports, decide judges (pure, in the domain), apply writes through ports. What apply
 * returns takes the place of the decision; a stage that has nothing to add returns it as it came.
 */
export interface StageParts<Facts, D> {
  gather?(ctx: CallContext, deps: EngineDeps): MaybePromise<Facts>;
  decide(ctx: CallContext, facts: Facts, deps: EngineDeps): D;
  apply?(ctx: CallContext, decision: D, deps: EngineDeps): MaybePromise<Decision>;
}

export interface Stage {
  readonly name: StageName;
  run(ctx: CallContext, deps: EngineDeps): MaybePromise<Decision>;
}

/** A stage whose decision is what happens next. */
export function defineStage<Facts = undefined>(name: StageName, parts: StageParts<Facts, Decision>): Stage {
  return defineActingStage(name, {
    ...parts,
    apply: (ctx, decision, deps) => parts.apply?.(ctx, decision, deps) ?? decision,
  });
}

/** A stage whose decision is something to do; apply does it and says what happens next. */
export function defineActingStage<Facts, D>(
  name: StageName,
  parts: StageParts<Facts, D> & Required<Pick<StageParts<Facts, D>, 'apply'>>,
): Stage {
  const conclude = (ctx: CallContext, facts: Facts, deps: EngineDeps) =>
    parts.apply(ctx, parts.decide(ctx, facts, deps), deps);
  return {
    name,
    run(ctx, deps) {
      const facts = parts.gather?.(ctx, deps) as MaybePromise<Facts>;
      return facts instanceof Promise
        ? facts.then((f) => conclude(ctx, f, deps))
        : conclude(ctx, facts, deps);
    },
  };
}
