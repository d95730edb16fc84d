import type { KeyGrant } from '@invoke/contract';
import { between, type EpochMs } from '../time.js';

/** One secret of a stored key: its digest, and what may be shown of it. */
export interface KeySecret {
  /** SHA-256, hex, of the whole secret. */
  readonly digest: string;
  readonly prefix: string;
  readonly lastFour: string;
  readonly createdAt: EpochMs;
  /** Set by a rotation: from then on it opens nothing. */
  readonly endsAt: EpochMs | null;
}

/** A key that was made through the API, as against one of the configuration. Revoked ones are kept: records name them. */
export interface KeyRecord {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly grant: KeyGrant;
  /** Newest first; at most two work at a time. */
  readonly secrets: readonly KeySecret[];
  /** Raised by every change; a change is allowed from exactly one version. */
  readonly version: number;
  readonly createdAt: EpochMs;
  readonly createdBy: string;
  /** The keys that it comes from, oldest first; `createdBy` is the last of them. */
  readonly madeBy: readonly string[];
  readonly revokedAt: EpochMs | null;
  readonly revokedBy: string | null;
}

/** Whether this secret opens anything at this instant. What the grant says of its end is judged with the principal. */
export function isLive({ endsAt }: KeySecret, now: EpochMs): boolean {
  return endsAt === null || between(now, endsAt) > 0;
}

/** The record with a new secret before the others. The one before works on until `overlapEndsAt`; older ones are gone. */
export function withNewSecret(record: KeyRecord, secret: KeySecret, overlapEndsAt: EpochMs): KeyRecord {
  const kept = record.secrets
    .filter((s) => s.endsAt === null && between(secret.createdAt, overlapEndsAt) > 0)
    .map((s) => ({ ...s, endsAt: overlapEndsAt }));
  return { ...record, version: record.version + 1, secrets: [secret, ...kept] };
}
