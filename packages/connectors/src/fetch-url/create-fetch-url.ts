import type { ToolFailure, ToolReply } from '@invoke/core/domain';
import type { ToolCall } from '@invoke/core/ports';
import { FETCH_URL_PATTERN, WEB_PORTS } from './fetch-url-card.js';
import type { FetchChecked } from './fetched-page.js';
import { readPage } from './read-page.js';

export interface FetchUrlOptions {
  readonly fetchChecked: FetchChecked;
  /** Any port on loopback. Whether loopback may be reached at all is for `fetchChecked` to say. */
  readonly allowLoopback?: boolean;
}

/** For all hops together. */
const TOTAL_MS = 15_000;
const MAX_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const WELL_FORMED = new RegExp(FETCH_URL_PATTERN);

const HEADERS = { accept: 'text/html, application/json, text/*;q=0.9, */*;q=0.5', 'user-agent': 'invoke' };

/**
 * The built-in tool `fetch.url`: GET `params.url`, following at most five redirects, each of which is checked like the
 * first address. The status of the page is the status of the answer. A URL that is out of bounds is `address_denied`,
 * wherever on the way it turns up.
 */
export function createFetchUrl(options: FetchUrlOptions): (call: ToolCall) => Promise<ToolReply> {
  return async (call) => {
    const { url: raw } = call.params;
    const first = typeof raw === 'string' && WELL_FORMED.test(raw) ? URL.parse(raw) : null;
    if (first === null) {
      const message = 'params.url: expected an http or https URL';
      return { kind: 'failure', sent: false, reason: 'invalid_params', message };
    }
    return follow(options, call, first);
  };
}

async function follow(options: FetchUrlOptions, call: ToolCall, first: URL): Promise<ToolReply> {
  const deadlineAt = performance.now() + Math.min(TOTAL_MS, call.giveUpAfterMs);
  let url = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const sent = redirects > 0;
    const problem = findProblem(url, options.allowLoopback ?? false);
    if (problem !== null) return denied(sent, problem);
    const deadlineMs = Math.round(deadlineAt - performance.now());
    if (deadlineMs <= 0) {
      return { kind: 'failure', sent, reason: 'timeout', message: 'the redirects took too long' };
    }
    /* The first byte is that of the first hop. */
    const mayStillSend = sent ? () => true : call.mayStillSend;
    const page = await options.fetchChecked({ url, headers: HEADERS, deadlineMs, mayStillSend });
    if (page.kind === 'failure') return { ...page, sent: page.sent || sent };
    const target = REDIRECTS.includes(page.status) ? page.header('location') : '';
    if (target === '') return readPage(url, page);
    const next = URL.parse(target, url.href);
    if (next === null) {
      return {
        kind: 'failure',
        sent: true,
        reason: 'redirect',
        message: 'the redirect leads to no valid URL',
      };
    }
    url = next;
  }
  return denied(true, `more than ${MAX_REDIRECTS} redirects`);
}

/** What is wrong with a URL apart from its address. */
function findProblem(url: URL, allowLoopback: boolean): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `the scheme ${url.protocol} is not fetched`;
  }
  if (url.username !== '' || url.password !== '') return 'a URL with credentials is not fetched';
  const loopback = allowLoopback && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  if (url.port !== '' && !WEB_PORTS.includes(url.port) && !loopback) {
    return `the port ${url.port} is not one that pages are fetched from: expected ${WEB_PORTS.join(' or ')}`;
  }
  return null;
}

function denied(sent: boolean, message: string): ToolFailure {
  return { kind: 'failure', sent, reason: 'address_denied', message };
}
