import type { Refusal, Scope } from '@invoke/contract';
import type { Engine, Principal } from '@invoke/core';
import type { z } from 'zod';
import type { OpenStreams } from './floods/open-streams.js';
import type { Incoming } from './http/incoming.js';
import type { EventVerifier } from './notify/event-verifier.js';
import type { Reply } from './http/reply.js';
import type { PolicyFileStatus } from './policy-file.js';

/** What a handler works with. */
export interface RouteContext {
  readonly engine: Engine;
  readonly incoming: Incoming;
  readonly requestId: string;
  readonly params: Readonly<Record<string, string>>;
  /** The body, read strictly; an empty object where the route takes none. */
  readonly body: Record<string, unknown>;
  readonly apiKey: string;
  readonly publicUrl: string;
  readonly verifyEvent: EventVerifier;
  readonly streams: OpenStreams;
  /** How the operator's rules stand; null where there is no file. */
  readonly policyFile: () => PolicyFileStatus | null;
}

/** One answer of a route, for /openapi.json. */
export interface RouteAnswer {
  readonly description: string;
  readonly schema?: z.ZodType;
}

/** One endpoint, as data: routing, access, reading and the OpenAPI document all come from here. */
interface RouteParts {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** With `{name}` for parameters. It answers under /v1 as well. */
  readonly path: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly headers?: z.ZodObject;
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** How a body that cannot be read is answered; as a problem document where this is left out. */
  readonly unreadable?: (refusal: Refusal, requestId: string) => Reply;
}

/** `public` needs no key; `pipeline` walks the pipeline, which authenticates first. */
export interface OpenRoute extends RouteParts {
  readonly access: 'public' | 'pipeline';
  handle(context: RouteContext): Reply | Promise<Reply>;
}

/** Needs a key with one of these scopes. */
export interface KeyedRoute extends RouteParts {
  readonly access: readonly Scope[];
  handle(context: RouteContext & { readonly principal: Principal }): Reply | Promise<Reply>;
}

export type Route = OpenRoute | KeyedRoute;
