import { ToolView } from '@invoke/contract';
import type { Principal } from '@invoke/core';
import { z } from 'zod';
import { parseQuery } from '../http/page.js';
import { json, problem } from '../http/reply.js';
import type { KeyedRoute, RouteContext } from '../route.js';

const ToolsQuery = z.strictObject({ q: z.string().max(256).optional() });
const ToolsAnswer = z.object({ tools: z.array(ToolView) });

type Listing = RouteContext & { readonly principal: Principal };

function listTools({ engine, principal, incoming, requestId }: Listing) {
  const query = parseQuery(ToolsQuery, incoming);
  if (query.kind === 'refused') return problem(query.refusal, { requestId });
  return json(200, { tools: engine.tools(principal, query.value.q ?? null) });
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
