import type { ToolFailure } from '@invoke/core/domain';

/** One GET over a connection whose address has been checked, without redirects. Never rejects. */
export type FetchChecked = (request: {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** For the whole exchange, in milliseconds. */
  readonly deadlineMs: number;
  readonly mayStillSend: () => boolean;
}) => Promise<FetchedPage | ToolFailure>;

export interface FetchedPage {
  readonly kind: 'response';
  readonly status: number;
  /** Empty where the header is absent; names in lower case. */
  readonly header: (name: string) => string;
  /** Decompressed and bounded. */
  readonly bytes: Uint8Array;
}
