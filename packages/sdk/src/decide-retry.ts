/** What one attempt to reach the gateway came to, as far as retrying goes. */
export interface RetryFacts {
  /** Attempts made so far, 1 after the first. */
  readonly attempts: number;
  readonly maxRetries: number;
  readonly event:
    | {
        readonly kind: 'lost';
        /** No byte of the request can have arrived. */
        readonly certainlyNotSent: boolean;
        /** Sending it twice is the same as sending it once. */
        readonly repeatable: boolean;
      }
    | {
        readonly kind: 'answer';
        readonly status: number;
        /** The `x-should-retry` header. */
        readonly shouldRetry: boolean | null;
        readonly retryAfterMs: number | null;
      };
  readonly previousDelayMs: number;
  /** Time left until the caller's deadline. */
  readonly remainingMs: number;
  /** In [0, 1). */
  readonly random: number;
}

export type RetryDecision = { readonly kind: 'retry'; readonly delayMs: number } | { readonly kind: 'stop' };

const BASE_DELAY_MS = 250;
const MAX_DELAY_MS = 8_000;
const RETRYABLE_STATUSES = [408, 429, 503];
const STOP: RetryDecision = { kind: 'stop' };

/**
 * Whether the same request is sent once more, and how soon. The server's word counts most (`x-should-retry`, then
 * `Retry-After`); a wait beyond the caller's deadline is not begun. Waits are decorrelated jitter: random between the
 * base and three times the previous wait.
 */
export function decideRetry(facts: RetryFacts): RetryDecision {
  if (facts.attempts > facts.maxRetries || !isRetryable(facts.event)) return STOP;
  const asked = facts.event.kind === 'answer' ? facts.event.retryAfterMs : null;
  const delayMs = asked ?? jitter(facts.previousDelayMs, facts.random);
  return delayMs < facts.remainingMs ? { kind: 'retry', delayMs } : STOP;
}

function isRetryable(event: RetryFacts['event']): boolean {
  if (event.kind === 'lost') return event.certainlyNotSent || event.repeatable;
  if (event.status < 400) return false;
  return event.shouldRetry ?? RETRYABLE_STATUSES.includes(event.status);
}

function jitter(previousDelayMs: number, random: number): number {
  const upper = Math.max(BASE_DELAY_MS, previousDelayMs) * 3;
  return Math.min(MAX_DELAY_MS, Math.round(BASE_DELAY_MS + random * (upper - BASE_DELAY_MS)));
}

/** The `x-should-retry` header: `true`, `false`, or no advice. */
export function parseShouldRetry(headers: Headers): boolean | null {
  const value = headers.get('x-should-retry')?.trim().toLowerCase();
  if (value === 'true') return true;
  return value === 'false' ? false : null;
}

/** `Retry-After-Ms`, or `Retry-After` in seconds or as an HTTP date (RFC 9110, 10.2.3); null where there is none. */
export function parseRetryAfter(headers: Headers, nowMs: number): number | null {
  const ms = toNumber(headers.get('retry-after-ms'));
  if (ms !== null) return ms;
  const value = headers.get('retry-after');
  const seconds = toNumber(value);
  if (seconds !== null) return seconds * 1000;
  const date = value === null ? Number.NaN : Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

function toNumber(text: string | null): number | null {
  return text !== null && /^\s*\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : null;
}
