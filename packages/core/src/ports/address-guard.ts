import type { ErrorCode } from '@invoke/contract';

/** Whether a tool may live at an address: judged at registration by its form, and again at every connection by its IP. */
export interface AddressGuard {
  check(
    url: string,
  ): { readonly kind: 'ok' } | { readonly kind: 'denied'; readonly code: ErrorCode; readonly why: string };
}
