import { Problem } from '@invoke/contract';
import { z } from 'zod';
import type { Route } from './route.js';

type Json = Record<string, unknown>;

/** The routes as an OpenAPI 3.1 document, whose schemas are JSON Schema 2020-12 as zod writes it. */
export function openApiDocument(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    for (const path of [`/v1${route.path}`, route.path]) {
      paths[path] = { ...paths[path], [route.method]: toOperation(route, path) };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Invoke', version: '1', description: 'Makes what AI agents do in production reliable.' },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: { Problem: toSchema(Problem) },
      securitySchemes: {
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

function toOperation(route: Route, path: string): Json {
  return {
    operationId: `${route.method}${path.replaceAll(/[^A-Za-z0-9]+(\w)/g, (_, c: string) => c.toUpperCase()).replaceAll(/\W/g, '')}`,
    summary: route.summary,
    security: route.access === 'public' ? [] : [{ apiKey: [] }, { bearer: [] }],
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map((m) => ({
        name: m[1],
        in: 'path',
        required: true,
        schema: { type: 'string' },
      })),
      ...toParameters(route.query, 'query'),
      ...toParameters(route.headers, 'header'),
    ],
    ...(route.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: toSchema(route.body) } } },
        }),
    responses: { ...toResponses(route), default: problemResponse('Any other refusal.') },
  };
}

function toParameters(schema: z.ZodObject | undefined, place: 'query' | 'header'): Json[] {
  if (schema === undefined) return [];
  const { properties, required } = toSchema(schema) as {
    properties: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required?.includes(name) ?? false,
    schema: property,
  }));
}

function toResponses(route: Route): Json {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, { description, schema }]) => {
      if (Number(status) >= 400) return [status, problemResponse(description)];
      const content =
        schema === undefined ? {} : { content: { 'application/json': { schema: toSchema(schema) } } };
      return [status, { description, ...content }];
    }),
  );
}

function problemResponse(description: string): Json {
  return {
    description,
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

function toSchema(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}
