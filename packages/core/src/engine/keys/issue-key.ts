import type { CreateKeyRequest, KeyView, RotateKeyRequest } from '@invoke/contract';
import { decideGrant } from '../../domain/access/decide-grant.js';
import { withNewSecret, type KeyRecord } from '../../domain/access/key-record.js';
import { lineageOf } from '../../domain/access/lineage-of.js';
import type { Principal } from '../../domain/access/principal.js';
import { toKeyView } from '../../domain/access/to-key-view.js';
import { refuse } from '../../domain/decision.js';
import { after } from '../../domain/time.js';
import type { Clock } from '../../ports/clock.js';
import type { Digest } from '../../ports/digest.js';
import type { Ids } from '../../ports/ids.js';
import type { Log } from '../../ports/log.js';
import type { Keyed, ManagedKeys } from './managed-keys.js';
import { newSecret } from './new-secret.js';

/** A key and its secret, which is told this once. */
export interface IssuedKey {
  readonly key: KeyView;
  readonly secret: string;
}

export interface IssuePorts {
  readonly managed: ManagedKeys;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly digest: Digest;
  readonly log: Log;
}

/** A new key, which can do nothing that the principal cannot. */
export async function issueKey(
  principal: Principal,
  { name, ...limits }: CreateKeyRequest,
  ports: IssuePorts,
): Promise<Keyed<IssuedKey>> {
  const grant = { ...limits, tenant: principal.tenant };
  const decided = decideGrant(principal, grant);
  if (decided.kind === 'refuse') return { kind: 'refused', refusal: decided.refusal };
  const now = ports.clock.now();
  const secret = newSecret(now, ports);
  const record: KeyRecord = {
    id: ports.ids.key(),
    tenant: principal.tenant,
    name,
    grant,
    secrets: [secret.kept],
    version: 1,
    createdAt: now,
    createdBy: principal.keyId,
    madeBy: lineageOf(principal),
    revokedAt: null,
    revokedBy: null,
  };
  const refusal = await ports.managed.save(record);
  if (refusal !== null) return { kind: 'refused', refusal };
  ports.log.info('key_created', { key_id: record.id, by: principal.keyId });
  return { kind: 'ok', value: { key: toKeyView(record, null, now), secret: secret.text } };
}

export interface Rotation extends RotateKeyRequest {
  readonly id: string;
}

/** A new secret for a key; the one before works on for as long as is asked for. */
export async function reissueKey(
  principal: Principal,
  { id, overlap_seconds: overlap }: Rotation,
  ports: IssuePorts,
): Promise<Keyed<IssuedKey>> {
  const found = await ports.managed.find(principal, id);
  if (found.kind === 'refused') return found;
  const { record, lastUsedAt } = found.value;
  // Who gets the secret of a key can do what the key can do.
  const decided = decideGrant(principal, record.grant);
  if (decided.kind === 'refuse') return { kind: 'refused', refusal: decided.refusal };
  if (record.revokedAt !== null) {
    const message = 'This key is revoked. Make another one.';
    return { kind: 'refused', refusal: refuse('context_conflict', message).refusal };
  }
  const now = ports.clock.now();
  const secret = newSecret(now, ports);
  const rotated = withNewSecret(record, {
    secret: secret.kept,
    overlapEndsAt: after(now, overlap * 1000),
    toldTo: lineageOf(principal),
  });
  const refusal = await ports.managed.save(rotated);
  if (refusal !== null) return { kind: 'refused', refusal };
  ports.log.info('key_rotated', { key_id: id, by: principal.keyId, overlap_seconds: overlap });
  return { kind: 'ok', value: { key: toKeyView(rotated, lastUsedAt, now), secret: secret.text } };
}
