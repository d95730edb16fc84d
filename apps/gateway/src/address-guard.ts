import type { AddressGuard } from '@invoke/core/ports';
import { checkToolUrl } from '@invoke/mcp-client';

/** Judges tool addresses at registration; at every connection their IPs are judged again. */
export function addressGuard(allowLoopback: boolean): AddressGuard {
  return {
    check(url) {
      const verdict = checkToolUrl(url, { allowLoopback });
      return verdict.kind === 'refused'
        ? { kind: 'denied', code: verdict.code, why: verdict.message }
        : { kind: 'ok' };
    },
  };
}
