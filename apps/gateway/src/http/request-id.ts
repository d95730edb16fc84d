import { randomUUID } from 'node:crypto';
import type { Incoming } from './incoming.js';

const GIVEN = /^[A-Za-z0-9._-]{1,128}$/;

/** The caller's X-Request-Id where it is well-formed, else a new one. */
export function requestIdOf(incoming: Incoming): string {
  const given = incoming.header('x-request-id');
  return given !== undefined && GIVEN.test(given) ? given : `req_${randomUUID()}`;
}
