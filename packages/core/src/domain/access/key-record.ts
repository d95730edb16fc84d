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
  /** The keys that it comes from: of `createdBy` with those behind it, oldest first, then of whoever has rotated it. */
  readonly madeBy: readonly string[];
  readonly revokedAt: EpochMs | null;
  readonly revokedBy: string | null;
}

/** Whether this secret opens anything at this instant. What the grant says of its end is judged with the principal. */
export function isLive({ endsAt }: KeySecret, now: EpochMs): boolean {
  return endsAt === null || between(now, endsAt) > 0;
}

export interface NewSecret {
  readonly secret: KeySecret;
  /** Until when the secret before works on. */
  readonly overlapEndsAt: EpochMs;
  /** The lineage of who is told the secret: the key is in their hand from now on. */
  readonly toldTo: readonly string[];
}

/** The record with a new secret before the others. The one before works on for a while; older ones are gone. */
export function withNewSecret(record: KeyRecord, { secret, overlapEndsAt, toldTo }: NewSecret): KeyRecord {
  const kept = record.secrets
    .filter((s) => s.endsAt === null && between(secret.createdAt, overlapEndsAt) > 0)
    .map((s) => ({ ...s, endsAt: overlapEndsAt }));
  const others = toldTo.filter((key) => key !== record.id && !record.madeBy.includes(key));
  return {
    ...record,
    version: record.version + 1,
    madeBy: [...record.madeBy, ...others],
    secrets: [secret, ...kept],
  };
}
