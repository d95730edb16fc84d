import { CreateKeyRequest, KeyView, RotateKeyRequest } from '@invoke/contract';
import { parseWith, type IssuedKey, type Keyed } from '@invoke/core';
import { z } from 'zod';
import { json, problem, type Reply } from '../http/reply.js';
import type { KeyedRoute } from '../route.js';

const ADMIN = ['providers:admin'] as const;

const Issued = z.object({
  success: z.boolean(),
  key: KeyView,
  secret: z.string().describe('The key itself. It is shown this once and kept by nobody.'),
});

const REFUSALS = {
  403: { description: 'The key that asks is more limited than the one that it wants.' },
  404: { description: 'There is no such stored key.' },
  409: { description: 'It is revoked, or somebody else has changed it at the same time.' },
} as const;

/** GET /keys: newest first. */
export const listKeys: KeyedRoute = {
  method: 'get',
  path: '/keys',
  summary: 'List stored API keys, revoked ones too',
  access: ADMIN,
  answers: {
    200: { description: 'The newest 1000 of the tenant.', schema: z.object({ keys: z.array(KeyView) }) },
  },
  async handle({ engine, principal, requestId }) {
    const listed = await engine.keys(principal);
    if (listed.kind === 'refused') return problem(listed.refusal, { requestId });
    return json(200, { keys: listed.value });
  },
};

/** POST /keys. */
export const createKey: KeyedRoute = {
  method: 'post',
  path: '/keys',
  summary: 'Make an API key that can do no more than the one that asks',
  access: ADMIN,
  body: CreateKeyRequest,
  answers: { 201: { description: 'Made.', schema: Issued }, 403: REFUSALS[403] },
  async handle({ engine, principal, body, requestId }) {
    const parsed = parseWith<CreateKeyRequest>(CreateKeyRequest, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    return issued(201, await engine.createKey(principal, parsed.value), requestId);
  },
};

/** POST /keys/{id}/rotate. */
export const rotateKey: KeyedRoute = {
  method: 'post',
  path: '/keys/{id}/rotate',
  summary: 'Give a key a new secret; the one before works on for a while',
  access: ADMIN,
  body: RotateKeyRequest,
  answers: { 200: { description: 'It has a new secret.', schema: Issued }, ...REFUSALS },
  async handle({ engine, principal, params, body, requestId }) {
    const parsed = parseWith<RotateKeyRequest>(RotateKeyRequest, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    return issued(200, await engine.rotateKey(principal, params['id'] ?? '', parsed.value), requestId);
  },
};

/** DELETE /keys/{id}. */
export const revokeKey: KeyedRoute = {
  method: 'delete',
  path: '/keys/{id}',
  summary: 'Revoke a key on every gateway, within 5 seconds',
  access: ADMIN,
  answers: {
    200: {
      description: 'It is revoked, now or before.',
      schema: z.object({ success: z.boolean(), key: KeyView }),
    },
    404: REFUSALS[404],
  },
  async handle({ engine, principal, params, requestId }) {
    const revoked = await engine.revokeKey(principal, params['id'] ?? '');
    if (revoked.kind === 'refused') return problem(revoked.refusal, { requestId });
    return json(200, { success: true, key: revoked.value });
  },
};

function issued(status: number, made: Keyed<IssuedKey>, requestId: string): Reply {
  if (made.kind === 'refused') return problem(made.refusal, { requestId });
  return json(status, { success: true, ...made.value });
}
