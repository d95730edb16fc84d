import { decideEntity } from '../../domain/entity/decide-entity.js';
import { filled } from '../context.js';
import { defineStage } from '../stage.js';

export const entity = defineStage<string | null>('entity', {
  gather(ctx, { store }) {
    const { card } = filled(ctx, 'tool');
    const { entityId, env } = filled(ctx, 'identity');
    if (entityId === null || card.effect === 'read' || !card.hold_on_unknown) return null;
    return store.executions.unsettledWriteTo(filled(ctx, 'principal').tenant, env, entityId);
  },
  decide(ctx, unsettledWrite) {
    const { request } = ctx.input;
    return decideEntity({
      card: filled(ctx, 'tool').card,
      resolution: request.entity_resolution ?? null,
      params: filled(ctx, 'params'),
      executionState: request.execution_state ?? null,
      liveState: null,
      unsettledWrite,
    });
  },
});
