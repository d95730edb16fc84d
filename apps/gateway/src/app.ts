import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import type { Refusal, Scope } from '@invoke/contract';
import type { Authorized, Engine, Log } from '@invoke/core';
import { StorageUnavailable } from '@invoke/core/ports';
import { Hono, type Context } from 'hono';
import { toCallReply } from './http/answer-to-reply.js';
import type { Floods } from './floods/floods.js';
import { keyOf } from './http/credentials.js';
import { CallerGone, fromMessage, isOrdinaryPost, toIncoming, type Incoming } from './http/incoming.js';
import { corsHeaders, PREFLIGHT_HEADERS, type Origins } from './http/origins.js';
import { problem, problemOf, type Reply } from './http/reply.js';
import { send } from './http/send.js';
import { readJson, type JsonBody } from './http/read-json.js';
import { requestIdOf } from './http/request-id.js';
import { bad, refuseUnread } from './http/unreadable.js';
import type { PolicyFileStatus } from './policy-file.js';
import type { EventVerifier } from './notify/event-verifier.js';
import type { OpenRoute, Route, RouteContext } from './route.js';
import { ROUTES } from './routes/index.js';

export interface AppPorts {
  readonly engine: Engine;
  readonly log: Log;
  readonly origins: Origins;
  readonly publicUrl: string;
  readonly verifyEvent: EventVerifier;
  readonly floods: Floods;
  /** True once the gateway is draining. */
  readonly closing: () => boolean;
  /** How the operator's rules stand; null where there is no file. */
  readonly policyFile: () => PolicyFileStatus | null;
}

const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

/** The HTTP side of the engine: reads, asks the engine, writes. It decides nothing about a call. */
export function createApp(ports: AppPorts): Hono {
  const app = new Hono();
  for (const route of ROUTES) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
    const handler = (c: Context) =>
      respond(c, ports, (request) => serve(route, { ...request, params: paramsOf(route, c) }, ports));
    app.on(route.method.toUpperCase(), [path, `/v1${path}`], handler);
  }
  app.all('*', (c) => respond(c, ports, (request) => serveUnrouted({ app, c, request }, ports)));
  return app;
}

/** The routes that take a body at one fixed address, by that address. */
const DIRECT: ReadonlyMap<string, Route> = new Map(
  ROUTES.filter(
    ({ method, path, body }) => method === 'post' && body !== undefined && !path.includes('{'),
  ).flatMap((route) => [route.path, `/v1${route.path}`].map((path) => [path, route] as const)),
);

/**
 * The app as node's server calls it. Calls of tools go from the message to the route and back: a router, and requests and
 * responses of the web's shape, would cost as much as a bare proxy. Whatever is not an ordinary POST of some JSON goes the
 * long way, which says the same.
 */
export function createListener(app: Hono, ports: AppPorts): RequestListener {
  const long = getRequestListener(app.fetch, { errorHandler: (error) => toUnreadableResponse(error, ports) });
  return (message, response) => {
    if (message.headers.host === undefined) return refuseUnread(response, NO_HOST);
    const route = isOrdinaryPost(message) ? DIRECT.get(message.url ?? '') : undefined;
    if (route === undefined) {
      void long(message, response);
      return;
    }
    const incoming = fromMessage(message);
    void answer(incoming, ports, (request) => serve(route, { ...request, params: NO_PARAMS }, ports))
      .then((reply) => send(reply, response))
      .catch((error: unknown) => {
        ports.log.error('bug', { path: incoming.path, error: String(error) });
        response.destroy();
      });
  };
}

const NO_HOST = bad('Host: this header is missing (RFC 9112, 3.2). Send it, over HTTP/1.1.');

/** What the framework could not make a request of its own kind from, because of its address, or a bug of ours. */
function toUnreadableResponse(error: unknown, { log }: AppPorts): Response {
  const requestId = `req_${randomUUID()}`;
  const unreadable = error instanceof RequestError;
  if (!unreadable) log.error('bug', { request_id: requestId, error: String(error) });
  const { status, body, headers } = unreadable
    ? problemOf('bad_request', `The address of the request cannot be read: ${error.message}.`, requestId)
    : problemOf(
        'internal_error',
        `Something is wrong in Invoke itself; the log has it under ${requestId}.`,
        requestId,
      );
  return new Response(body, { status, headers: { ...headers, Connection: 'close' } });
}

async function respond(
  c: Context,
  ports: AppPorts,
  serveIt: (request: Request) => Promise<Reply>,
): Promise<Response> {
  const { status, body, headers } = await answer(toIncoming(c), ports, serveIt);
  // The router drops the body of what is asked for with HEAD, and nobody would ever end a stream.
  const dropped = c.req.method === 'HEAD' && typeof body !== 'string';
  if (dropped) await body.cancel();
  return new Response(dropped || body === '' ? null : body, { status, headers });
}

interface Request {
  readonly incoming: Incoming;
  readonly requestId: string;
}

/** What every answer has in common: ids, security headers, origins, and no stack traces. */
async function answer(
  incoming: Incoming,
  ports: AppPorts,
  serveIt: (request: Request) => Promise<Reply>,
): Promise<Reply> {
  const requestId = requestIdOf(incoming);
  const origin = incoming.header('origin');
  let reply: Reply;
  try {
    if (ports.closing()) reply = problemOf('shutting_down', 'This gateway is shutting down.', requestId);
    else if (origin !== undefined && !ports.origins.allows(origin) && incoming.method !== 'OPTIONS') {
      reply = problemOf('origin_denied', 'This origin may not call Invoke.', requestId);
    } else reply = await serveIt({ incoming, requestId });
  } catch (error) {
    reply = toThrownReply(error, { incoming, requestId }, ports);
  }
  const allowed = origin !== undefined && ports.origins.allows(origin) ? corsHeaders(origin) : {};
  const headers = { ...SECURITY_HEADERS, ...allowed, 'X-Request-Id': requestId, ...reply.headers };
  return { status: reply.status, body: reply.body, headers };
}

/** What is thrown is a bug, a caller who hung up, or a store that does not answer outside of a call. */
function toThrownReply(error: unknown, { incoming, requestId }: Request, { log }: AppPorts): Reply {
  const about = { request_id: requestId, path: incoming.path };
  if (error instanceof StorageUnavailable) {
    log.error('storage_unavailable', { ...about, why: error.message });
    return problemOf('storage_unavailable', 'The store does not answer now. Nothing was changed.', requestId);
  }
  if (error instanceof CallerGone) {
    // Nobody reads this, and nothing is wrong here: callers hang up every day.
    return problemOf('bad_request', 'The request broke off before its body was there.', requestId);
  }
  log.error('bug', { ...about, error: error instanceof Error ? error.stack : String(error) });
  return problemOf(
    'internal_error',
    `Something is wrong in Invoke itself; the log has it under ${requestId}.`,
    requestId,
  );
}

async function serve(
  route: Route,
  request: Request & Pick<RouteContext, 'params'>,
  ports: AppPorts,
): Promise<Reply> {
  const { incoming, requestId, params } = request;
  const { engine, publicUrl, policyFile, verifyEvent, floods } = ports;
  const { streams } = floods;
  const apiKey = keyOf(incoming);
  const context = {
    engine,
    incoming,
    requestId,
    apiKey,
    publicUrl,
    policyFile,
    verifyEvent,
    streams,
    params,
  };
  if (route.access === 'public' || route.access === 'pipeline') {
    const body = await bodyOf(route, incoming);
    // Only now: many could be on their way before the first of them has turned out to be wrong.
    if (!needsNoLook(route, apiKey, floods)) {
      const early = await lookAhead(incoming, ports);
      return early === null ? handleOpen(route, context, body) : problem(early, { requestId });
    }
    const reply = await handleOpen(route, context, body);
    // It was right lately, and has ended.
    if (reply.status === 401 && route.access === 'pipeline') floods.guesses.wrong(incoming, apiKey);
    return reply;
  }
  const { access: scopes } = route;
  const access = await enter(incoming, ports, (key) => authorize(scopes, key, engine));
  if (access.kind === 'refused') return problem(access.refusal, { requestId });
  const body = await bodyOf(route, incoming);
  if (body.kind === 'refused') {
    return route.unreadable?.(body.refusal, requestId) ?? problem(body.refusal, { requestId });
  }
  return route.handle({ ...context, body: body.value, principal: access.principal });
}

function handleOpen(
  route: OpenRoute,
  context: Omit<RouteContext, 'body'>,
  body: JsonBody,
): Reply | Promise<Reply> {
  if (body.kind === 'ok') return route.handle({ ...context, body: body.value });
  const { engine, apiKey, requestId } = context;
  const credential = { kind: 'key', raw: apiKey } as const;
  return engine
    .refuse({ credential, requestId, refusal: body.refusal, body: {} })
    .then((refused) => toCallReply(refused, requestId));
}

/** Whose request it is, within what keys from its address and requests of its key are limited to. */
async function enter(
  incoming: Incoming,
  { floods }: AppPorts,
  authorizeKey: (key: string) => Promise<Authorized>,
): Promise<Authorized> {
  const key = keyOf(incoming);
  const early = floods.guesses.refuse(incoming, key);
  if (early !== null) return { kind: 'refused', refusal: early };
  const access = await authorizeKey(key);
  if (access.kind === 'refused') {
    if (access.refusal.code === 'unauthenticated') floods.guesses.wrong(incoming, key);
    return access;
  }
  floods.guesses.right(key);
  const tooMany = floods.requests.refuse(access.principal.keyId);
  return tooMany === null ? access : { kind: 'refused', refusal: tooMany };
}

/** Calls whose key was right lately, where requests are not limited, go straight into the pipeline. */
function needsNoLook({ access }: OpenRoute, apiKey: string, { guesses, requests }: Floods): boolean {
  return access === 'public' || (!requests.limited && guesses.knows(apiKey));
}

/** Why a call is not even looked at; null: it is. Whether its key is any good is for the pipeline to say, with a trace. */
async function lookAhead(incoming: Incoming, ports: AppPorts): Promise<Refusal | null> {
  const access = await enter(incoming, ports, (key) => ports.engine.authorize(key, null));
  return access.kind === 'refused' && access.refusal.code === 'rate_limited' ? access.refusal : null;
}

const NO_PARAMS = {} as const;
const NO_BODY = { kind: 'ok', value: {} } as const;

function paramsOf(route: Route, c: Context): Readonly<Record<string, string>> {
  return route.path.includes('{') ? c.req.param() : NO_PARAMS;
}

function bodyOf(route: Route, incoming: Incoming): JsonBody | Promise<JsonBody> {
  return route.body === undefined ? NO_BODY : readJson(incoming);
}

async function authorize(scopes: readonly Scope[], apiKey: string, engine: Engine): Promise<Authorized> {
  const answers: Authorized[] = [];
  for (const scope of scopes) {
    const answer = await engine.authorize(apiKey, scope);
    if (answer.kind === 'ok') return answer;
    answers.push(answer);
  }
  return answers[0] ?? engine.authorize(apiKey, null);
}

/** Paths and methods that no route has. Strangers are not told which paths exist. */
async function serveUnrouted(
  { app, c, request }: { readonly app: Hono; readonly c: Context; readonly request: Request },
  ports: AppPorts,
): Promise<Reply> {
  const { incoming, requestId } = request;
  if (incoming.method === 'OPTIONS') return preflight(incoming, ports);
  const allow = allowedMethods(app, incoming.path);
  const isPublic = ROUTES.some(
    (r) => r.access === 'public' && [r.path, `/v1${r.path}`].includes(incoming.path),
  );
  const known = await enter(incoming, ports, (key) => ports.engine.authorize(key, null));
  if (known.kind === 'refused' && !isPublic) return problem(known.refusal, { requestId });
  if (allow.length > 0) {
    const message = `${c.req.method} is not possible here; ${allow.join(', ')} is.`;
    return problem(
      { code: 'method_not_allowed', message, details: { allow: allow.join(', ') } },
      { requestId },
    );
  }
  return problemOf('not_found', `There is nothing at ${incoming.path}.`, requestId);
}

function preflight(incoming: Incoming, { origins }: AppPorts): Reply {
  const allowed = origins.allows(incoming.header('origin') ?? '');
  return { status: 204, body: '', headers: allowed ? PREFLIGHT_HEADERS : { Vary: 'Origin' } };
}

function allowedMethods(app: Hono, path: string): string[] {
  return ['GET', 'POST', 'PUT', 'DELETE'].filter((method) => {
    const [handlers] = app.router.match(method, path);
    return handlers.length > 1;
  });
}
