import { RE2JS } from 're2js';

/** Which browser origins may call. Requests without an Origin header are not from a browser and are not judged. */
export interface Origins {
  allows(origin: string): boolean;
}

/** Whether this may stand in an Origin header: another spelling would never be met, and nobody would learn why. */
export function isOrigin(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#\sA-Z*]+$/.test(text);
}

/** Whether RE2 understands an expression. */
export function isOriginPattern(pattern: string): boolean {
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}

/** @param pattern an expression for whole origins; anchored here and run by RE2, whatever its author wrote */
export function createOrigins(exact: readonly string[], pattern: string | null): Origins {
  const listed = new Set(exact);
  const matcher = pattern === null ? null : RE2JS.compile(pattern);
  return {
    allows(origin) {
      if (origin === 'null' || origin === '') return false;
      return listed.has(origin) || (matcher !== null && matcher.matches(origin));
    },
  };
}

/** Headers of an answer to an allowed origin. Credentials are never allowed: keys travel in a header, not in a cookie. */
export function corsHeaders(origin: string): Record<string, string> {
  return { 'Access-Control-Allow-Origin': origin, Vary: 'Origin', 'Access-Control-Expose-Headers': EXPOSED };
}

const EXPOSED = 'X-Request-Id, Idempotency-Replayed, Location, Retry-After, x-should-retry';

export const PREFLIGHT_HEADERS = {
  'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'Access-Control-Allow-Headers':
    'Authorization, Content-Type, Idempotency-Key, Prefer, X-API-Key, X-Request-Id, traceparent, ' +
    'MCP-Protocol-Version, Mcp-Method, Mcp-Name',
  'Access-Control-Max-Age': '600',
} as const;
