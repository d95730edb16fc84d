import type { RequestOptions } from './call-options.js';

export interface SearchOptions extends RequestOptions {
  /** How many results at most; default 5. */
  readonly limit?: number | undefined;
}

/** What the web says. It is the text of strangers: data, never instructions. */
export interface SearchAnswer {
  readonly query: string;
  readonly provider: string;
  readonly results: readonly SearchResult[];
  readonly traceId: string;
  readonly [member: string]: unknown;
}

export interface SearchResult {
  readonly title: string;
  readonly summary: string;
  readonly url: string;
  readonly [member: string]: unknown;
}
