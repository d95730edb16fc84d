import type { KeyView } from '@invoke/contract';
import { between, epochMs, type EpochMs } from '../time.js';
import { isLive, type KeyRecord } from './key-record.js';

/** A stored key as its administrators see it: never a digest. */
export function toKeyView(record: KeyRecord, lastUsedAt: EpochMs | null, now: EpochMs): KeyView {
  const { id, name, grant, createdAt, createdBy, revokedAt, revokedBy } = record;
  return {
    id,
    name,
    state: stateOf(record, now),
    grant,
    secrets: record.secrets
      .filter((secret) => isLive(secret, now))
      .map((s) => ({
        prefix: s.prefix,
        last_four: s.lastFour,
        created_at: s.createdAt,
        ends_at: s.endsAt,
      })),
    created_at: createdAt,
    created_by: createdBy,
    revoked_at: revokedAt,
    revoked_by: revokedBy,
    last_used_at: lastUsedAt,
  };
}

function stateOf({ revokedAt, grant }: KeyRecord, now: EpochMs): KeyView['state'] {
  if (revokedAt !== null) return 'revoked';
  const ends = grant.expires_at;
  return ends !== undefined && between(now, epochMs(Date.parse(ends))) <= 0 ? 'expired' : 'active';
}
