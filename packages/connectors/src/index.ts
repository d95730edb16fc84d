export { createFetchUrl } from './fetch-url/create-fetch-url.js';
export type { FetchUrlOptions } from './fetch-url/create-fetch-url.js';
export type { FetchChecked, FetchedPage } from './fetch-url/fetched-page.js';
export { FETCH_URL, fetchUrlCard } from './fetch-url/fetch-url-card.js';
export { sandboxCharge, sandboxLookup } from './sandbox-charge/sandbox-charge.js';
export {
  SANDBOX_CHARGE,
  SANDBOX_LOOKUP,
  sandboxChargeCard,
  sandboxLookupCard,
} from './sandbox-charge/sandbox-cards.js';
export { createMessageSender } from './notify/create-message-sender.js';
export type { MessageSenderOptions, Posted, PostChecked } from './notify/create-message-sender.js';
export { parseWebhookSecrets } from './webhooks/webhook-secret.js';
export { verifyWebhook } from './webhooks/verify-webhook.js';
export type { SignedRequest } from './webhooks/verify-webhook.js';
