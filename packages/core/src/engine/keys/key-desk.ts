import type { CreateKeyRequest, KeyView, Refusal, RotateKeyRequest } from '@invoke/contract';
import { decideGrant } from '../../domain/access/decide-grant.js';
import { decideHeldScope } from '../../domain/access/decide-principal.js';
import { withNewSecret, type KeyRecord } from '../../domain/access/key-record.js';
import type { Principal } from '../../domain/access/principal.js';
import { toKeyView } from '../../domain/access/to-key-view.js';
import { refuse } from '../../domain/decision.js';
import { after } from '../../domain/time.js';
import type { StoredKey } from '../../ports/registry-store.js';
import type { EngineDeps } from '../deps.js';
import type { Toolbox } from '../toolbox.js';
import { newSecret } from './new-secret.js';

export type Keyed<T> =
  { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'refused'; readonly refusal: Refusal };

/** A key and its secret, which is told this once. */
export interface IssuedKey {
  readonly key: KeyView;
  readonly secret: string;
}

/** The keys of a tenant that are stored. Those of the configuration are not among them. */
export interface KeyDesk {
  keys(principal: Principal): Promise<Keyed<readonly KeyView[]>>;
  createKey(principal: Principal, request: CreateKeyRequest): Promise<Keyed<IssuedKey>>;
  /** A new secret; the one before works on for as long as is asked for. */
  rotateKey(principal: Principal, id: string, request: RotateKeyRequest): Promise<Keyed<IssuedKey>>;
  /** Ends a key on every gateway, within 5 s. Once more is no error. */
  revokeKey(principal: Principal, id: string): Promise<Keyed<KeyView>>;
}

/** More keys than this of one tenant are not shown. */
const MOST_SHOWN = 1_000;
/** Somebody may rotate a key while it is being revoked: then it is revoked as they have left it. */
const REVOKE_TRIES = 3;

export function createKeyDesk(deps: EngineDeps, toolbox: Toolbox): KeyDesk {
  const { store, clock, ids } = deps;
  const { registry } = store;

  async function find(principal: Principal, id: string): Promise<Found> {
    const held = decideHeldScope(principal, 'providers:admin');
    if (held.kind === 'refuse') return { kind: 'refused', refusal: held.refusal };
    const found = await registry.key(principal.tenant, id);
    if (found !== null) return { kind: 'ok', value: found };
    const message = 'There is no such stored key. Keys of the configuration are changed there.';
    return { kind: 'refused', refusal: refuse('not_found', message).refusal };
  }

  async function save(record: KeyRecord): Promise<Refusal | null> {
    const saved = await registry.saveKey(record);
    await toolbox.refresh();
    if (saved.kind === 'saved') return null;
    return refuse('context_conflict', 'The key was changed at the same time. Look at it, and ask again.')
      .refusal;
  }

  return {
    async keys(principal) {
      const held = decideHeldScope(principal, 'providers:admin');
      if (held.kind === 'refuse') return { kind: 'refused', refusal: held.refusal };
      const stored = await registry.keys(principal.tenant, MOST_SHOWN);
      const now = clock.now();
      return { kind: 'ok', value: stored.map((s) => toKeyView(s.record, s.lastUsedAt, now)) };
    },
    async createKey(principal, { name, ...limits }) {
      const grant = { ...limits, tenant: principal.tenant };
      const decided = decideGrant(principal, grant);
      if (decided.kind === 'refuse') return { kind: 'refused', refusal: decided.refusal };
      const now = clock.now();
      const secret = newSecret(now, deps);
      const record: KeyRecord = {
        id: ids.key(),
        tenant: principal.tenant,
        name,
        grant,
        secrets: [secret.kept],
        version: 1,
        createdAt: now,
        createdBy: principal.keyId,
        madeBy: [...principal.madeBy, principal.keyId],
        revokedAt: null,
        revokedBy: null,
      };
      const refusal = await save(record);
      if (refusal !== null) return { kind: 'refused', refusal };
      deps.log.info('key_created', { key_id: record.id, by: principal.keyId });
      return { kind: 'ok', value: { key: toKeyView(record, null, now), secret: secret.text } };
    },
    async rotateKey(principal, id, { overlap_seconds: overlap }) {
      const found = await find(principal, id);
      if (found.kind === 'refused') return found;
      const { record, lastUsedAt } = found.value;
      // Who gets the secret of a key can do what the key can do.
      const decided = decideGrant(principal, record.grant);
      if (decided.kind === 'refuse') return { kind: 'refused', refusal: decided.refusal };
      if (record.revokedAt !== null) {
        const message = 'This key is revoked. Make another one.';
        return { kind: 'refused', refusal: refuse('context_conflict', message).refusal };
      }
      const now = clock.now();
      const secret = newSecret(now, deps);
      const rotated = withNewSecret(record, secret.kept, after(now, overlap * 1000));
      const refusal = await save(rotated);
      if (refusal !== null) return { kind: 'refused', refusal };
      deps.log.info('key_rotated', { key_id: id, by: principal.keyId, overlap_seconds: overlap });
      return { kind: 'ok', value: { key: toKeyView(rotated, lastUsedAt, now), secret: secret.text } };
    },
    async revokeKey(principal, id) {
      for (let tries = 1; ; tries += 1) {
        const found = await find(principal, id);
        if (found.kind === 'refused') return found;
        const { record, lastUsedAt } = found.value;
        const now = clock.now();
        if (record.revokedAt !== null) return { kind: 'ok', value: toKeyView(record, lastUsedAt, now) };
        const version = record.version + 1;
        const revoked: KeyRecord = { ...record, version, revokedAt: now, revokedBy: principal.keyId };
        const refusal = await save(revoked);
        if (refusal !== null && tries < REVOKE_TRIES) continue;
        if (refusal !== null) return { kind: 'refused', refusal };
        deps.log.info('key_revoked', { key_id: id, by: principal.keyId });
        return { kind: 'ok', value: toKeyView(revoked, lastUsedAt, now) };
      }
    },
  };
}

type Found = Keyed<StoredKey>;
