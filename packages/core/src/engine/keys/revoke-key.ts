import type { KeyView } from '@invoke/contract';
import type { KeyRecord } from '../../domain/access/key-record.js';
import type { Principal } from '../../domain/access/principal.js';
import { toKeyView } from '../../domain/access/to-key-view.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import type { Keyed, ManagedKeys } from './managed-keys.js';

export interface RevokePorts {
  readonly managed: ManagedKeys;
  readonly clock: Clock;
  readonly log: Log;
}

/** Somebody may rotate a key while it is being revoked: then it is revoked as they have left it. */
const TRIES = 3;

/** Ends a key. Once more is no error. */
export async function revokeKey(
  principal: Principal,
  id: string,
  { managed, clock, log }: RevokePorts,
): Promise<Keyed<KeyView>> {
  for (let tries = 1; ; tries += 1) {
    const found = await managed.find(principal, id);
    if (found.kind === 'refused') return found;
    const { record, lastUsedAt } = found.value;
    const now = clock.now();
    if (record.revokedAt !== null) return { kind: 'ok', value: toKeyView(record, lastUsedAt, now) };
    const version = record.version + 1;
    const revoked: KeyRecord = { ...record, version, revokedAt: now, revokedBy: principal.keyId };
    const refusal = await managed.save(revoked);
    if (refusal !== null && tries < TRIES) continue;
    if (refusal !== null) return { kind: 'refused', refusal };
    log.info('key_revoked', { key_id: id, by: principal.keyId });
    return { kind: 'ok', value: toKeyView(revoked, lastUsedAt, now) };
  }
}
