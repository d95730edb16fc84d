import { decideScope } from '../../domain/access/decide-scope.js';
import { filled } from '../context.js';
import { defineStage } from '../stage.js';

export const scope = defineStage('scope', {
  decide(ctx) {
    return decideScope({
      principal: filled(ctx, 'principal'),
      tool: filled(ctx, 'tool'),
      params: filled(ctx, 'params'),
      request: ctx.input.request,
    });
  },
});
