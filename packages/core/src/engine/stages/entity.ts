import { decideEntity, decideOneEntity, writtenEntities } from '../../domain/entity/decide-entity.js';
import { decideReach, toolsOf } from '../../domain/tool/reach.js';
import { filled, reachOf, type CallContext } from '../context.js';
import { defineStage } from '../stage.js';

export const entity = defineStage<string | null>('entity', {
  gather(ctx, { store }) {
    const held = toolsOf(reachOf(ctx)).some(({ card }) => card.effect === 'write' && card.hold_on_unknown);
    const entityId = writtenEntity(ctx);
    if (entityId === null || !held) return null;
    return store.executions.unsettledWriteTo(
      filled(ctx, 'principal').tenant,
      filled(ctx, 'identity').env,
      entityId,
    );
  },
  decide(ctx, unsettledWrite) {
    const { request } = ctx.input;
    const judged = decideReach(reachOf(ctx), ({ card }) =>
      decideEntity({
        card,
        resolution: request.entity_resolution ?? null,
        params: filled(ctx, 'params'),
        executionState: request.execution_state ?? null,
        liveState: null,
        unsettledWrite,
      }),
    );
    return judged.kind === 'proceed' ? decideOneEntity(writtenIn(ctx)) : judged;
  },
});

/** The entity that this call may write to, by its own tool or by its fallback; null where that is not known. */
export function writtenEntity(ctx: CallContext): string | null {
  return writtenIn(ctx)[0] ?? null;
}

function writtenIn(ctx: CallContext): readonly string[] {
  const resolution = ctx.input.request.entity_resolution ?? null;
  return writtenEntities(reachOf(ctx), resolution, filled(ctx, 'params'));
}
