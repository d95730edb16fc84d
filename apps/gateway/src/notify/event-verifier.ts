import { parseWebhookSecrets, verifyWebhook, type SignedRequest } from '@invoke/connectors';
import type { ProviderRecord } from '@invoke/core';
import type { Log } from '@invoke/core/ports';
import type { SecretAccess } from '../secrets.js';

/** Which of these providers has signed a request; null where none has, or has no secret that can be used. */
export type EventVerifier = (
  providers: readonly ProviderRecord[],
  request: SignedRequest,
) => ProviderRecord | null;

/** Strangers' names take as long to refuse as a wrong signature. */
const NOBODYS_KEY = new Uint8Array(32);

/** @param secrets `whsec_...`, several separated by spaces while one is changed */
export function createEventVerifier(secrets: SecretAccess, log: Log): EventVerifier {
  const keysOf = ({ slug, tenant, webhookSecret }: ProviderRecord): readonly Uint8Array[] => {
    if (webhookSecret === null) return [];
    const keys = parseWebhookSecrets(secrets(webhookSecret, tenant) ?? '');
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
