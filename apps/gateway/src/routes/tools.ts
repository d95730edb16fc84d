import { ToolView } from '@invoke/contract';
import type { Principal } from '@invoke/core';
import { z } from 'zod';
import { json } from '../http/reply.js';
import type { KeyedRoute, RouteContext } from '../route.js';

const ToolsQuery = z.object({ q: z.string().max(256).optional() });
const ToolsAnswer = z.object({ tools: z.array(ToolView) });

function listTools({ engine, principal, incoming }: RouteContext & { readonly principal: Principal }) {
  return json(200, { tools: engine.tools(principal, incoming.query.get('q')) });
}

const shared = {
  method: 'get',
  access: ['tools:read'],
  query: ToolsQuery,
  answers: { 200: { description: 'What this key may see.', schema: ToolsAnswer } },
  handle: listTools,
} as const;

/** GET /tools: the capability cards that a key may see. */
export const tools: KeyedRoute = { ...shared, path: '/tools', summary: 'List tools' };

/** GET /discover: the same, for looking up a capability by words. */
export const discover: KeyedRoute = { ...shared, path: '/discover', summary: 'Search tools by capability' };
