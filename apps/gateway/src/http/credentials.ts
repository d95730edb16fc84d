import type { Incoming } from './incoming.js';

const BEARER = /^Bearer[ ]+([\x21-\x7e]+)$/i;

/** The API key of a request, or an empty string: X-API-Key, else Authorization: Bearer. Never the query. */
export function keyOf(incoming: Incoming): string {
  const own = incoming.header('x-api-key');
  if (own !== undefined) return own;
  return BEARER.exec(incoming.header('authorization') ?? '')?.[1] ?? '';
}
