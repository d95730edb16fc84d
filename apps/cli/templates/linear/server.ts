import { createIssue } from './linear.ts';
import { serve, ToolError, type Params } from './mcp-server.ts';

serve('{{name}}', [
  {
    name: 'linear_create_issue',
    description: 'Creates one issue in Linear.',
    inputSchema: {
      type: 'object',
      properties: {
        team_id: { type: 'string', description: 'The team; default is LINEAR_TEAM_ID' },
        title: { type: 'string' },
        description: { type: 'string' },
        priority: { type: 'integer', description: '0 none, 1 urgent, 2 high, 3 normal, 4 low' },
      },
      required: ['title'],
      additionalProperties: false,
    },
    async call(params, { idempotencyKey }) {
      const teamId = optionalText(params, 'team_id') ?? (process.env['LINEAR_TEAM_ID'] || undefined);
      if (teamId === undefined) throw new ToolError('team_id is missing, and LINEAR_TEAM_ID is not set');
      const title = optionalText(params, 'title');
      if (title === undefined) throw new ToolError('title is missing');
      const description = optionalText(params, 'description');
      const { priority } = params;
      const issue = {
        teamId,
        title,
        ...(description === undefined ? {} : { description }),
        ...(typeof priority === 'number' ? { priority } : {}),
      };
      return { issue: await createIssue(issue, idempotencyKey) };
    },
  },
]);

function optionalText(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new ToolError(`${name} must be a text`);
}
