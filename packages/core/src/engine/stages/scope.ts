import { decideScope } from '../../domain/access/decide-scope.js';
import { decideReach } from '../../domain/tool/reach.js';
import { filled, reachOf } from '../context.js';
import { defineStage } from '../stage.js';

export const scope = defineStage('scope', {
  decide(ctx) {
    const principal = filled(ctx, 'principal');
    const params = filled(ctx, 'params');
    const { request } = ctx.input;
    return decideReach(reachOf(ctx), (tool) => decideScope({ principal, tool, params, request }));
  },
});
