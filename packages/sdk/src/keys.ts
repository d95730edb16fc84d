import { objectOf, type Api, type RawRequest } from './api.js';
import type { RequestOptions } from './call-options.js';
import { toCamelKeys, toSnakeKeys, type Shape } from './casing.js';
import { toInvokePromise, type InvokePromise, type WithResponse } from './invoke-promise.js';
import type { JsonObject } from './json.js';

/** The limits of a key. A list that is absent does not limit; an empty list allows nothing. */
export interface KeyLimits {
  readonly scopes?: readonly string[] | undefined;
  readonly allowedTools?: readonly string[] | undefined;
  readonly readOnly?: boolean | undefined;
  readonly agentId?: string | undefined;
  readonly envs?: readonly string[] | undefined;
  readonly agents?: readonly string[] | undefined;
  readonly workflows?: readonly string[] | undefined;
  readonly allowedActions?: readonly string[] | undefined;
  readonly resources?: readonly string[] | undefined;
  /** ISO 8601, with its zone. */
  readonly expiresAt?: string | undefined;
}

/** A stored key. Times are milliseconds since 1970. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly state: 'active' | 'expired' | 'revoked';
  readonly grant: KeyLimits;
  /** Newest first; two while a rotation overlaps. */
  readonly secrets: readonly {
    readonly prefix: string;
    readonly lastFour: string;
    readonly createdAt: number;
    readonly endsAt: number | null;
  }[];
  readonly createdAt: number;
  readonly createdBy: string;
  readonly revokedAt: number | null;
  readonly revokedBy: string | null;
  /** To about a minute. */
  readonly lastUsedAt: number | null;
  readonly [member: string]: unknown;
}

export interface IssuedKey {
  readonly key: ApiKey;
  /** The key itself: told this once, and kept by nobody. */
  readonly secret: string;
}

/** Stored API keys; those of the gateway's configuration are not among them. Needs providers:admin. */
export interface Keys {
  list(options?: RequestOptions): InvokePromise<readonly ApiKey[]>;
  /** Makes a key that can do no more than the one that asks. */
  create(options: { readonly name: string } & KeyLimits & RequestOptions): InvokePromise<IssuedKey>;
  /** A new secret; the one before works on for `overlapSeconds` (a day where it is left out). */
  rotate(
    keyId: string,
    options?: { readonly overlapSeconds?: number } & RequestOptions,
  ): InvokePromise<IssuedKey>;
  /** Ends it on every gateway within 5 seconds. */
  revoke(keyId: string, options?: RequestOptions): InvokePromise<ApiKey>;
}

const KEY: Shape = { grant: {}, secrets: {} };

export function createKeys(api: Api): Keys {
  const toKey = (body: JsonObject) => toCamelKeys(objectOf(body, 'key'), KEY) as ApiKey;
  const ask = <T>(raw: RawRequest, read: (body: JsonObject) => T) =>
    toInvokePromise(
      api.request(raw).then(({ data, response }): WithResponse<T> => ({ data: read(data), response })),
    );
  const toIssued = (body: JsonObject): IssuedKey => ({ key: toKey(body), secret: String(body['secret']) });
  return {
    list: (options = {}) =>
      ask(
        { ...options, method: 'GET', path: '/v1/keys' },
        (body) => (toCamelKeys(body, { keys: KEY }) as { keys: readonly ApiKey[] }).keys,
      ),
    create: ({ timeoutMs, signal, ...key }) => {
      const body = toSnakeKeys(key, {}) as JsonObject;
      return ask({ method: 'POST', path: '/v1/keys', body, timeoutMs, signal }, toIssued);
    },
    rotate: (id, { timeoutMs, signal, ...rotation } = {}) => {
      const body = toSnakeKeys(rotation, {}) as JsonObject;
      return ask({ method: 'POST', path: `${pathOf(id)}/rotate`, body, timeoutMs, signal }, toIssued);
    },
    revoke: (id, options = {}) => ask({ ...options, method: 'DELETE', path: pathOf(id) }, toKey),
  };
}

function pathOf(id: string): string {
  return `/v1/keys/${encodeURIComponent(id)}`;
}
