import {
  IdempotencyKey,
  type CallPolicy,
  type CallRequest,
  type IdempotencyHints,
  type JsonObject,
} from '@invoke/contract';
import { canonicalJson } from '../json/canonical-json.js';

/** What makes two calls the same call. Timestamps, trace ids and how failures are handled are not part of it. */
export interface FingerprintFacts {
  readonly tool: string;
  readonly action: string | null;
  readonly agentId: string | null;
  /** After schema coercion. */
  readonly params: JsonObject;
  readonly entityId: string | null;
}

/** Raised when the text below changes, so that old records are compared by the rule they were written under. */
export const FINGERPRINT_VERSION = 1;

/** The text whose SHA-256 is the fingerprint: canonical JSON (RFC 8785), so that key order and 1.0 against 1 do not count. */
export function fingerprintText(facts: FingerprintFacts): string {
  return canonicalJson({ v: FINGERPRINT_VERSION, ...facts });
}

/**
 * In which world the caller wants the call to happen: two calls whose contracts differ are not the same call either. It is compared
 * beside the fingerprint and not part of it, because every record keeps its policy as it was sent: so gateways of other versions go on
 * taking each other's fingerprints for the same, and the keys of old records are held to their contracts too. Null where there is
 * none, which costs nothing.
 */
export function contractText(policy: CallPolicy | null | undefined): string | null {
  if (policy === null || policy === undefined) return null;
  const { condition, conditions, allowed_action: action } = policy;
  if (condition === undefined && conditions === undefined && action === undefined) return null;
  const threshold = conditions === undefined ? null : (policy.threshold ?? 'strict');
  return canonicalJson([condition ?? null, conditions ?? null, threshold, action ?? null]);
}

/** The text whose SHA-256 is the unique key of an execution: a key means something only within a tenant and environment. */
export function keyText(tenant: string, env: string, key: string): string {
  return `${tenant}\n${env}\n${key}`;
}

/** Keys that client libraries make up, one per logical call, so that their own retries are one call. */
const MADE_BY_CLIENT = 'auto_';

/** Whether a client library has made up this key, so that it only tells its own retries apart from new calls. */
export function isMadeByClient(key: string): boolean {
  return key.startsWith(MADE_BY_CLIENT);
}

/**
 * The caller's key, or the text to derive one from where the card asks for that: the values of its key fields, together
 * with who acts in which workflow. A key that a client library has made up gives way to a derived one. Without key fields,
 * or with one of them missing, there is nothing to derive from.
 */
export function keyOf(
  hints: IdempotencyHints,
  request: CallRequest,
  facts: FingerprintFacts,
): IdempotencyKeyOf {
  const given = request.idempotency_key;
  if (given !== undefined && !isMadeByClient(given)) return { kind: 'given', key: given };
  const from = derivedFrom(hints, request, facts);
  if (from !== null) return { kind: 'derived', from };
  return given === undefined ? { kind: 'none' } : { kind: 'given', key: given };
}

function derivedFrom(
  { mode, key_fields }: IdempotencyHints,
  { workflow }: CallRequest,
  facts: FingerprintFacts,
): string | null {
  if (mode !== 'automatic' || key_fields.length === 0) return null;
  const { tool, agentId, params } = facts;
  const values = key_fields.map((name) => (Object.hasOwn(params, name) ? params[name] : undefined));
  if (values.some((v) => v === undefined)) return null;
  return canonicalJson({ tool, agentId, workflow: workflow ?? null, values });
}

export type IdempotencyKeyOf =
  | { readonly kind: 'given'; readonly key: string }
  | { readonly kind: 'derived'; readonly from: string }
  | { readonly kind: 'none' };

export type MergedKey =
  | { readonly kind: 'ok'; readonly key: string | undefined }
  | { readonly kind: 'bad'; readonly message: string };

/**
 * The idempotency key of a request that may name it in a header (bare, or as a quoted string of RFC 8941) and in its body.
 * Where both do, they must agree.
 *
 * @param inBody how the one in the body is called where they do not
 */
export function mergeIdempotencyKey(
  header: string | undefined,
  body: string | undefined,
  inBody = 'idempotency_key in the body',
): MergedKey {
  if (header === undefined) return { kind: 'ok', key: body };
  const bare = unquoted(header.trim());
  if (!IdempotencyKey.safeParse(bare).success) {
    return {
      kind: 'bad',
      message: 'Idempotency-Key must be 1 to 255 printable ASCII characters, bare or in double quotes.',
    };
  }
  if (body !== undefined && body !== bare) {
    return {
      kind: 'bad',
      message: `The Idempotency-Key header and ${inBody} are not the same.`,
    };
  }
  return { kind: 'ok', key: bare };
}

function unquoted(text: string): string {
  const inner = /^"(.*)"$/.exec(text)?.[1];
  return inner === undefined ? text : inner.replaceAll(/\\(["\\])/g, '$1');
}
