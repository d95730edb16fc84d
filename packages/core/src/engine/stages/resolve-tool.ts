import { decideTool } from '../../domain/tool/decide-tool.js';
import type { FoundTool } from '../../domain/tool/catalogue.js';
import { filled } from '../context.js';
import { defineStage } from '../stage.js';

export const resolveTool = defineStage<FoundTool>('resolve_tool', {
  gather(ctx, { tools }) {
    return tools.catalogue().find(filled(ctx, 'principal').tenant, ctx.input.request.tool);
  },
  decide(ctx, found) {
    if (found.kind === 'found') ctx.tool = found.tool;
    return decideTool(filled(ctx, 'principal'), ctx.input.request.tool, found);
  },
});
