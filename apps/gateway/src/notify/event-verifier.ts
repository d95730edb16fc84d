import { parseWebhookSecrets, verifyWebhook, type SignedRequest } from '@invoke/connectors';
import type { ProviderRecord } from '@invoke/core';
import type { Log } from '@invoke/core/ports';

/** Which of these providers has signed a request; null where none has, or has no secret that can be used. */
export type EventVerifier = (
  providers: readonly ProviderRecord[],
  request: SignedRequest,
) => ProviderRecord | null;

/** Strangers' names take as long to refuse as a wrong signature. */
const NOBODYS_KEY = new Uint8Array(32);

/** @param secrets values of INVOKE_SECRET_... by name: `whsec_...`, several separated by spaces while one is changed */
export function createEventVerifier(secrets: ReadonlyMap<string, string>, log: Log): EventVerifier {
  const keysOf = ({ slug, webhookSecret }: ProviderRecord): readonly Uint8Array[] => {
    if (webhookSecret === null) return [];
    const keys = parseWebhookSecrets(secrets.get(webhookSecret) ?? '');
    if (keys === null) log.warn('webhook_secret_unusable', { provider: slug, variable: webhookSecret });
    return keys ?? [];
  };
  return (providers, request) => {
    const now = Date.now();
    const signer = providers.find((provider) => verifyWebhook(request, keysOf(provider), now));
    if (signer === undefined) verifyWebhook(request, [NOBODYS_KEY], now);
    return signer ?? null;
  };
}
