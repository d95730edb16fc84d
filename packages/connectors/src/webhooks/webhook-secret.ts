/** Keys of Standard Webhooks are 24 to 64 bytes, as base64 behind `whsec_`. */
const SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/;
const SHORTEST_BYTES = 24;
const LONGEST_BYTES = 64;

/** The key that a secret stands for; null where it is malformed. */
export function parseWebhookSecret(secret: string): Uint8Array | null {
  const base64 = SECRET.exec(secret)?.[1];
  if (base64 === undefined) return null;
  const key = Buffer.from(base64, 'base64');
  const whole = key.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '');
  return whole && key.length >= SHORTEST_BYTES && key.length <= LONGEST_BYTES ? key : null;
}

/** The keys of a list of secrets, separated by spaces: while a secret is being changed, both count. Null: one is malformed. */
export function parseWebhookSecrets(secrets: string): readonly Uint8Array[] | null {
  const keys = secrets.trim().split(/\s+/).map(parseWebhookSecret);
  return keys.every((key) => key !== null) ? keys : null;
}
