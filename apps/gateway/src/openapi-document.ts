import { Problem } from '@invoke/contract';
import { OpenAPIRegistry, OpenApiGeneratorV31, extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import type { Route } from './route.js';

extendZodWithOpenApi(z);

/** The routes as an OpenAPI 3.1 document: every path, under its own name and under /v1. */
export function openApiDocument(routes: readonly Route[]): unknown {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'apiKey', {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
  });
  registry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  const problem = registry.register('Problem', Problem);
  for (const route of routes) {
    for (const path of [`/v1${route.path}`, route.path]) registry.registerPath(toPath(route, path, problem));
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Invoke', version: '1', description: 'Makes what AI agents do in production reliable.' },
    servers: [{ url: '/' }],
  });
}

type PathConfig = Parameters<OpenAPIRegistry['registerPath']>[0];

function toPath(route: Route, path: string, problem: z.ZodType): PathConfig {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '');
  const params = z.object(Object.fromEntries(names.map((n) => [n, z.string()])));
  const isPublic = route.access === 'public';
  return {
    method: route.method,
    path,
    summary: route.summary,
    operationId: `${route.method}${path.replaceAll(/[^A-Za-z0-9]+(\w)/g, (_, c: string) => c.toUpperCase())}`,
    security: isPublic ? [] : [{ apiKey: [] }, { bearer: [] }],
    request: {
      ...(names.length > 0 ? { params } : {}),
      ...(route.query === undefined ? {} : { query: route.query }),
      ...(route.headers === undefined ? {} : { headers: route.headers }),
      ...(route.body === undefined
        ? {}
        : { body: { required: true, content: { 'application/json': { schema: route.body } } } }),
    },
    responses: { ...toResponses(route, problem), default: problemResponse('Any other refusal.', problem) },
  } as PathConfig;
}

function toResponses(route: Route, problem: z.ZodType): PathConfig['responses'] {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, answer]) => {
      if (Number(status) >= 400) return [status, problemResponse(answer.description, problem)];
      const content =
        answer.schema === undefined ? {} : { content: { 'application/json': { schema: answer.schema } } };
      return [status, { description: answer.description, ...content }];
    }),
  );
}

function problemResponse(description: string, problem: z.ZodType) {
  return { description, content: { 'application/problem+json': { schema: problem } } };
}
