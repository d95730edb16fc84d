import type { ErrorCode } from '@invoke/contract';

/** One source that a search found. */
export interface SearchHit {
  readonly title: string;
  readonly summary: string;
  readonly url: string;
}

export type SearchFound =
  | { readonly kind: 'found'; readonly hits: readonly SearchHit[] }
  /** For people; carries no secrets. */
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string };

/** Searches the live web. Never rejects; bounded in time by itself. */
export interface SearchProvider {
  /** For answers and traces, for example `exa`. */
  readonly name: string;
  search(query: { readonly query: string; readonly limit: number }): Promise<SearchFound>;
}
