import type { HttpBinding, JsonObject } from '@invoke/contract';
import { isSecretName } from '@invoke/core/domain';
import { formsOf } from '../secrets/secret-forms.js';
import { fillUrl, type FilledUrl } from './fill-url.js';

export type BuiltRequest =
  | {
      readonly kind: 'built';
      readonly url: URL;
      readonly headers: Record<string, string>;
      readonly body: string | null;
      /** How the secrets among the headers may be written where they come back. */
      readonly secretForms: readonly string[];
    }
  | { readonly kind: 'invalid_params'; readonly message: string }
  | { readonly kind: 'not_configured'; readonly message: string };

/** Headers that frame the message or the connection are undici's (RFC 9110, 7.6.1). */
const NOT_OURS: readonly string[] = [
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * The request of a plain HTTP tool. Params that the URL template names go there; the others go to the query (lists repeat
 * the name, objects become JSON, null is left out) or make the JSON body.
 */
export function buildHttpRequest(
  binding: HttpBinding,
  params: JsonObject,
  secrets: (name: string) => string | undefined,
): BuiltRequest {
  const filled = addressOf(binding, params);
  if (filled.kind === 'invalid') return { kind: 'invalid_params', message: filled.message };
  const headers = headersOf(binding, secrets);
  if (typeof headers === 'string') return { kind: 'not_configured', message: headers };
  const secretForms = secretFormsOf(binding, headers);

  const { url } = filled;
  const rest =
    filled.used.size === 0
      ? params
      : Object.fromEntries(Object.entries(params).filter(([name]) => !filled.used.has(name)));
  if (paramsGoTo(binding) === 'query') {
    appendQuery(url, rest);
    return { kind: 'built', url, headers, body: null, secretForms };
  }
  headers['content-type'] ??= 'application/json';
  return { kind: 'built', url, headers, body: JSON.stringify(rest), secretForms };
}

/** The addresses of tools that have the same one for every call. */
const fixed = new WeakMap<HttpBinding, FilledUrl>();

function addressOf(binding: HttpBinding, params: JsonObject): FilledUrl {
  if (binding.url.includes('{') || paramsGoTo(binding) === 'query') return fillUrl(binding.url, params);
  const known = fixed.get(binding);
  if (known !== undefined) return known;
  const filled = fillUrl(binding.url, params);
  fixed.set(binding, filled);
  return filled;
}

function paramsGoTo({ method, params_in }: HttpBinding): 'query' | 'body' {
  return params_in ?? (method === 'GET' || method === 'DELETE' ? 'query' : 'body');
}

/** Headers that are the same for every call: secrets may change while the gateway runs. */
const steady = new WeakMap<HttpBinding, Readonly<Record<string, string>>>();

function headersOf(
  binding: HttpBinding,
  secrets: (name: string) => string | undefined,
): Record<string, string> | string {
  const known = steady.get(binding);
  if (known !== undefined) return { ...known };
  const headers = readHeaders(binding, secrets);
  if (typeof headers === 'string' || Object.keys(binding.secret_headers).length > 0) return headers;
  steady.set(binding, headers);
  return { ...headers };
}

/** In lower case, the operator's values winning over ours; a text says what is missing. */
function readHeaders(
  binding: HttpBinding,
  secrets: (name: string) => string | undefined,
): Record<string, string> | string {
  const headers: Record<string, string> = { accept: 'application/json, */*;q=0.5', 'user-agent': 'invoke' };
  for (const [name, value] of Object.entries(binding.headers)) headers[name.toLowerCase()] = value;
  for (const [name, variable] of Object.entries(binding.secret_headers)) {
    const value = secrets(variable);
    if (value === undefined)
      return `${variable} is not set in the environment of the gateway, or not for this tenant (INVOKE_TENANT_SECRETS)`;
    headers[name.toLowerCase()] = value;
  }
  const reserved = NOT_OURS.find((name) => Object.hasOwn(headers, name));
  if (reserved !== undefined) return `the header ${reserved} cannot be set by a tool`;
  headers['accept-encoding'] = 'identity';
  return headers;
}

interface KnownForms {
  readonly values: readonly string[];
  readonly forms: readonly string[];
}

/** The forms of the secrets that were last sent to a tool. */
const knownForms = new WeakMap<HttpBinding, KnownForms>();
const NONE: readonly string[] = [];

/** Of the operator's secrets, and of what a tool was registered with under a name such as Authorization. */
function secretFormsOf(binding: HttpBinding, headers: Readonly<Record<string, string>>): readonly string[] {
  const names = secretHeadersOf(binding);
  if (names.length === 0) return NONE;
  const values = names.map((name) => headers[name] ?? '');
  const known = knownForms.get(binding);
  if (known?.values.every((value, i) => value === values[i])) return known.forms;
  const forms = formsOf(values);
  knownForms.set(binding, { values, forms });
  return forms;
}

const secretHeaders = new WeakMap<HttpBinding, readonly string[]>();

function secretHeadersOf(binding: HttpBinding): readonly string[] {
  const known = secretHeaders.get(binding);
  if (known !== undefined) return known;
  const named = [
    ...Object.keys(binding.secret_headers),
    ...Object.keys(binding.headers).filter(isSecretName),
  ];
  const names = named.map((name) => name.toLowerCase());
  secretHeaders.set(binding, names);
  return names;
}

function appendQuery(url: URL, params: JsonObject): void {
  for (const [name, value] of Object.entries(params)) {
    const values = Array.isArray(value) ? value : [value];
    for (const item of values) {
      if (item !== null && item !== undefined) url.searchParams.append(name, toQueryText(item));
    }
  }
}

function toQueryText(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
