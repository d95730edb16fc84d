import type { RequestOptions } from './call-options.js';
import { toCamelKeys, toSnakeKeys, type Shape } from './casing.js';
import { InvokeError } from './errors.js';
import { toInvokePromise, type InvokePromise, type WithResponse } from './invoke-promise.js';
import { isJsonObject, type JsonObject } from './json.js';
import { createPager, type Pager } from './pager.js';
import { parseTimeout, type Settings } from './settings.js';
import { toInvokeError } from './to-error.js';
import { send, type Reply, type WireRequest } from './transport.js';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** A request in the words of the HTTP API, for what has no method here. */
export interface RawRequest extends RequestOptions {
  readonly method: WireRequest['method'];
  /** Such as `/v1/tools`. */
  readonly path: string;
  readonly query?: Query;
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sending it twice is the same as sending it once, so it may be repeated after a lost connection. Default: not for POST and PATCH. */
  readonly repeatable?: boolean;
}

export interface ListRequest<T> {
  readonly name: string;
  readonly query: Query;
  readonly toItem: (wire: unknown) => T;
}

/** Which members are objects of ours, in the request and in the answer. */
export interface Shapes {
  readonly sent?: Shape;
  readonly received?: Shape;
}

/** What the methods of the client are made of: requests of the HTTP API, with the settings of one client. */
export class Api {
  readonly settings: Settings;

  constructor(settings: Settings) {
    this.settings = settings;
  }

  /** @throws InvokeError for everything that is not a 2xx with a JSON object */
  async request(raw: RawRequest): Promise<WithResponse<JsonObject>> {
    const { method, body } = raw;
    const reply = await send(this.settings, {
      method,
      path: `${raw.path}${toQueryString(raw.query ?? {})}`,
      ...(body === undefined ? {} : { body: () => body }),
      headers: raw.headers ?? {},
      repeatable: raw.repeatable ?? (method !== 'POST' && method !== 'PATCH'),
      timeoutMs: this.#timeout(raw.timeoutMs),
      signal: raw.signal,
    });
    if (reply.kind === 'answer' && reply.response.ok && isJsonObject(reply.body)) {
      return { data: reply.body, response: reply.response };
    }
    throw toInvokeError(reply, { settings: this.settings });
  }

  async get<T>(request: Omit<RawRequest, 'method'>, read: (body: JsonObject) => T): Promise<WithResponse<T>> {
    const { data, response } = await this.request({ ...request, method: 'GET' });
    return { data: read(data), response };
  }

  /** A POST that changes nothing, so that it may be repeated. `given` is its body, and the settings of the request. */
  ask<T>(
    path: string,
    { timeoutMs, signal, ...body }: RequestOptions,
    shapes: Shapes = {},
  ): InvokePromise<T> {
    const request = this.request({
      method: 'POST',
      path,
      body: toSnakeKeys(body, shapes.sent ?? {}) as JsonObject,
      repeatable: true,
      timeoutMs,
      signal,
    });
    return toInvokePromise(
      request.then(({ data, response }) => ({
        data: toCamelKeys(data, shapes.received ?? {}) as T,
        response,
      })),
    );
  }

  /** A list under `/v1/<name>`, in an answer with a member of that name. */
  list<T>({ name, query, toItem }: ListRequest<T>, options: RequestOptions): Pager<T> {
    return createPager(async (cursor) => {
      const at = cursor === undefined ? query : { ...query, cursor };
      const { data } = await this.get({ ...options, path: `/v1/${name}`, query: at }, (body) => {
        const next = body['next_cursor'];
        return { items: listOf(body, name).map(toItem), nextCursor: typeof next === 'string' ? next : null };
      });
      return data;
    });
  }

  /**
   * A POST that its idempotency key makes repeatable. `body` gets how long the gateway may take (milliseconds): less than
   * what is left here, so that its own answer arrives before this client gives up.
   */
  sendKeyed(
    path: string,
    { timeoutMs, signal }: RequestOptions,
    body: (waitMs: number) => JsonObject,
  ): Promise<Reply> {
    const limitMs = this.#timeout(timeoutMs);
    return send(this.settings, {
      method: 'POST',
      path,
      body: (remainingMs) => body(toWait(remainingMs)),
      headers: this.preferWait(timeoutMs),
      repeatable: true,
      timeoutMs: limitMs,
      signal,
    });
  }

  /** RFC 7240: wait for the end of what is still running, as long as this client does, instead of being told that it is. Never longer. */
  preferWait(timeoutMs: number | undefined): Readonly<Record<string, string>> {
    const seconds = Math.floor(toWait(this.#timeout(timeoutMs)) / 1000);
    return seconds === 0 ? {} : { prefer: `wait=${seconds}` };
  }

  #timeout(given: number | undefined): number {
    return parseTimeout(given ?? this.settings.timeoutMs);
  }
}

/** @throws InvokeError where the answer has no such list */
export function listOf(body: JsonObject, name: string): readonly unknown[] {
  const list = body[name];
  if (Array.isArray(list)) return list;
  throw foreignAnswer(`list "${name}"`);
}

/** @throws InvokeError where the answer has no such object */
export function objectOf(body: JsonObject, name: string): JsonObject {
  const object = body[name];
  if (isJsonObject(object)) return object;
  throw foreignAnswer(`object "${name}"`);
}

function foreignAnswer(missing: string): InvokeError {
  const message = `The answer has no ${missing}, so it is not one of an Invoke gateway.`;
  return new InvokeError({ code: 'invalid_response', message, retry: 'never' });
}

/** One key per logical call: made before the first attempt, carried by all of them. */
export function createKey(): string {
  return `auto_${crypto.randomUUID()}`;
}

/** What the gateway can be asked to wait at most (milliseconds). */
const MAX_WAIT_MS = 600_000;

function toWait(remainingMs: number): number {
  const margin = Math.min(2_000, Math.ceil(remainingMs / 10));
  return Math.min(MAX_WAIT_MS, Math.max(1, remainingMs - margin));
}

function toQueryString(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.append(name, String(value));
  }
  return search.size === 0 ? '' : `?${search}`;
}
