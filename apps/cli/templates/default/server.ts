import { serve, ToolError } from './mcp-server.ts';

serve('{{name}}', [
  {
    name: 'echo',
    description: 'Says back what it is told.',
    inputSchema: {
      type: 'object',
      properties: { message: { type: 'string' } },
      required: ['message'],
      additionalProperties: false,
    },
    async call({ message }) {
      if (typeof message !== 'string') throw new ToolError('message must be a text');
      return { message };
    },
  },
]);
