import { z } from 'zod';
import { KeyGrant } from './scopes.js';

/** How long the secret before a rotation goes on working, where the request does not say. */
const OVERLAP_SECONDS = 86_400;

/** POST /keys: a name for people, and the limits of the key. Its tenant is that of who asks. */
export const CreateKeyRequest = KeyGrant.omit({ tenant: true }).extend({
  name: z.string().min(1).max(128),
});
export type CreateKeyRequest = z.infer<typeof CreateKeyRequest>;

/** POST /keys/{id}/rotate. */
export const RotateKeyRequest = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(30 * 86_400)
    .default(OVERLAP_SECONDS)
    .describe('How long the secret of before goes on working; 0: it ends at once.'),
});
export type RotateKeyRequest = z.infer<typeof RotateKeyRequest>;

/** A secret as it may be shown: its beginning and its end. */
const SecretView = z.object({
  prefix: z.string(),
  last_four: z.string(),
  created_at: z.number(),
  ends_at: z.number().nullable().describe('When it stops working because of a rotation.'),
});

/** A stored key. The secret itself is shown once, when it is made, and kept by nobody. */
export const KeyView = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['active', 'expired', 'revoked']),
  grant: KeyGrant.describe('Its limits, as in INVOKE_API_KEY_SCOPES.'),
  secrets: z.array(SecretView).describe('Newest first; two while a rotation overlaps.'),
  created_at: z.number(),
  created_by: z.string(),
  revoked_at: z.number().nullable(),
  revoked_by: z.string().nullable(),
  last_used_at: z.number().nullable().describe('To about a minute.'),
});
export type KeyView = z.infer<typeof KeyView>;
