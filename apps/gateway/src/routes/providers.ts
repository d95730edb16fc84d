import { ProviderRegistration, ProviderView, ToolRegistration, ToolView } from '@invoke/contract';
import { parseWith, type ProviderRecord } from '@invoke/core';
import { toToolView } from '@invoke/core/domain';
import { z } from 'zod';
import { json, problem } from '../http/reply.js';
import type { KeyedRoute } from '../route.js';

const ADMIN = ['providers:admin'] as const;

/** POST /providers: create or update by slug. */
export const registerProvider: KeyedRoute = {
  method: 'post',
  path: '/providers',
  summary: 'Register a provider, or update it',
  access: ADMIN,
  body: ProviderRegistration,
  answers: {
    200: {
      description: 'Updated; it keeps its id.',
      schema: z.object({ success: z.boolean(), provider: ProviderView }),
    },
    201: { description: 'Created.', schema: z.object({ success: z.boolean(), provider: ProviderView }) },
  },
  async handle({ engine, principal, body, requestId, publicUrl }) {
    const parsed = parseWith(ProviderRegistration, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    const saved = await engine.registerProvider(principal, parsed.value);
    if (saved.kind === 'refused') return problem(saved.refusal, { requestId });
    return json(saved.created ? 201 : 200, {
      success: true,
      provider: toProviderView(saved.value, publicUrl),
    });
  },
};

/** GET /providers. */
export const listProviders: KeyedRoute = {
  method: 'get',
  path: '/providers',
  summary: 'List providers',
  access: ADMIN,
  answers: {
    200: {
      description: 'All providers of the tenant.',
      schema: z.object({ providers: z.array(ProviderView) }),
    },
  },
  handle({ engine, principal, publicUrl }) {
    const providers = engine.providers(principal);
    return json(200, { providers: providers.map((p) => toProviderView(p, publicUrl)) });
  },
};

/** POST /providers/{id}/tools: create, or put a new version in place. */
export const registerTool: KeyedRoute = {
  method: 'post',
  path: '/providers/{id}/tools',
  summary: 'Register a tool with its capability card, or update it',
  access: ADMIN,
  body: ToolRegistration,
  answers: {
    200: {
      description: 'Updated: a new version is in place.',
      schema: z.object({ success: z.boolean(), tool: ToolView }),
    },
    201: { description: 'Created.', schema: z.object({ success: z.boolean(), tool: ToolView }) },
    409: { description: 'Another provider has a tool of this name, or one that looks like it.' },
    422: { description: 'The registration, its schema or its address cannot be used.' },
  },
  async handle({ engine, principal, body, params, requestId }) {
    const parsed = parseWith(ToolRegistration, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    const saved = await engine.registerTool(principal, {
      providerId: params['id'] ?? '',
      request: parsed.value,
    });
    if (saved.kind === 'refused') return problem(saved.refusal, { requestId });
    return json(saved.created ? 201 : 200, { success: true, tool: toToolView(saved.value) });
  },
};

function toProviderView({ id, name, slug }: ProviderRecord, publicUrl: string): ProviderView {
  return { id, name, slug, gateway_url: publicUrl };
}
