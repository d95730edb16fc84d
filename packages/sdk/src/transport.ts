import { isCertainlyNotSent } from './classify-fetch-failure.js';
import { decideRetry, parseRetryAfter, parseShouldRetry, type RetryFacts } from './decide-retry.js';
import { InvokeError } from './errors.js';
import type { Settings } from './settings.js';

export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the base URL on, with its query. */
  readonly path: string;
  /** Made anew for each attempt, from the time that is left; undefined for no body. */
  readonly body?: (remainingMs: number) => unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sending it twice is the same as sending it once. */
  readonly repeatable: boolean;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** What came of a request after its retries. */
export type Reply = Answer | Lost;

export interface Answer {
  readonly kind: 'answer';
  /** Its body has been read. */
  readonly response: Response;
  /** The body as JSON; undefined where it is not JSON. */
  readonly body: unknown;
  /** An earlier attempt of this request may have arrived although nobody saw its answer. */
  readonly doubtful: boolean;
}

export interface Lost {
  readonly kind: 'lost';
  readonly reason: 'timeout' | 'connection' | 'aborted';
  /** Any attempt may have arrived. */
  readonly doubtful: boolean;
  readonly cause: unknown;
}

/** Sends one logical request, again where `decideRetry` says so. Expected failures are values. */
export async function send(settings: Settings, request: WireRequest): Promise<Reply> {
  const headers = toHeaders(settings, request);
  const deadline = startDeadline(request);
  try {
    return await sendUntil(deadline, { settings, request, headers });
  } finally {
    deadline.end();
  }
}

interface Sending {
  readonly settings: Settings;
  readonly request: WireRequest;
  readonly headers: Headers;
}

async function sendUntil(deadline: Deadline, { settings, request, headers }: Sending): Promise<Reply> {
  let doubtful = false;
  let previousDelayMs = 0;
  for (let attempts = 1; ; attempts += 1) {
    const body = toText(request.body?.(Math.max(1, deadline.remainingMs())));
    const init = { method: request.method, headers, redirect: 'manual', signal: deadline.signal } as const;
    const reply = await attempt(settings, request.path, body === undefined ? init : { ...init, body });
    doubtful ||= reply.doubtful;
    const seen: Reply = { ...reply, doubtful };
    if (reply.kind === 'lost' && reply.reason !== 'connection') return seen;
    const decision = decideRetry({
      attempts,
      maxRetries: settings.maxRetries,
      event: toEvent(reply, request.repeatable),
      previousDelayMs,
      remainingMs: deadline.remainingMs(),
      random: Math.random(),
    });
    if (decision.kind === 'stop') return seen;
    previousDelayMs = decision.delayMs;
    await sleep(decision.delayMs, deadline.signal);
    if (deadline.signal.aborted) return toLost(deadline.signal.reason, doubtful);
  }
}

/** One signal for the caller's own signal and the time that is left, over all attempts. */
interface Deadline {
  readonly signal: AbortSignal;
  readonly remainingMs: () => number;
  readonly end: () => void;
}

/** What the timer aborts with, to be told apart from the caller's signal. */
const TIMED_OUT = new Error('no answer in time');

function startDeadline(request: WireRequest): Deadline {
  const endsAt = Date.now() + request.timeoutMs;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(TIMED_OUT), request.timeoutMs);
  const onAbort = () => abort.abort(request.signal?.reason);
  request.signal?.addEventListener('abort', onAbort);
  if (request.signal?.aborted === true) onAbort();
  return {
    signal: abort.signal,
    remainingMs: () => endsAt - Date.now(),
    end: () => {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', onAbort);
    },
  };
}

async function attempt(settings: Settings, path: string, init: RequestInit): Promise<Reply> {
  const signal = init.signal as AbortSignal;
  if (signal.aborted) return toLost(signal.reason, false);
  try {
    const response = await (settings.fetch ?? fetch)(`${settings.baseUrl}${path}`, init);
    return { kind: 'answer', response, body: parseJson(await response.text()), doubtful: false };
  } catch (cause) {
    if (signal.aborted) return toLost(signal.reason, true);
    return { kind: 'lost', reason: 'connection', doubtful: !isCertainlyNotSent(cause), cause };
  }
}

function toLost(reason: unknown, doubtful: boolean): Lost {
  return { kind: 'lost', reason: reason === TIMED_OUT ? 'timeout' : 'aborted', doubtful, cause: reason };
}

function toEvent(reply: Reply, repeatable: boolean): RetryFacts['event'] {
  if (reply.kind === 'lost') return { kind: 'lost', certainlyNotSent: !reply.doubtful, repeatable };
  const { headers, status } = reply.response;
  return {
    kind: 'answer',
    status,
    shouldRetry: parseShouldRetry(headers),
    retryAfterMs: parseRetryAfter(headers, Date.now()),
  };
}

/** @throws InvokeError where there is no API key */
export function toHeaders(settings: Settings, request: Pick<WireRequest, 'body' | 'headers'>): Headers {
  if (settings.apiKey === undefined) {
    throw new InvokeError({
      code: 'missing_api_key',
      message: 'There is no API key. Set INVOKE_API_KEY, or give apiKey to new Invoke().',
      retry: 'never',
    });
  }
  const headers = new Headers(settings.defaultHeaders);
  headers.set('accept', 'application/json');
  if (request.body !== undefined) headers.set('content-type', 'application/json');
  for (const [name, value] of Object.entries(request.headers ?? {})) headers.set(name, value);
  headers.set('x-api-key', settings.apiKey);
  return headers;
}

function toText(body: unknown): string | undefined {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new InvokeError({
      code: 'invalid_argument',
      message: 'The request cannot be written as JSON.',
      retry: 'never',
      cause,
    });
  }
}

/** @returns undefined where it is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Waits, at most until the signal. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, signal.aborted ? 0 : ms);
    signal.addEventListener('abort', done);
  });
}
