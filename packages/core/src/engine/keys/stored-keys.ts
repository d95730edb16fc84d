import { isLive, type KeyRecord, type KeySecret } from '../../domain/access/key-record.js';
import type { Principal } from '../../domain/access/principal.js';
import { toPrincipal } from '../../domain/access/to-principal.js';
import type { EpochMs } from '../../domain/time.js';
import type { Clock } from '../../ports/clock.js';
import type { Digest } from '../../ports/digest.js';
import type { KeyRing } from '../../ports/key-ring.js';
import { SECRET_PREFIX } from './new-secret.js';

export interface StoredKeysPorts {
  /** The keys of the configuration. */
  readonly configured: KeyRing;
  /** Those of the registry that are not revoked; another object after every change. */
  readonly records: () => readonly KeyRecord[];
  /** Resolves when the registry is known to be no older than what was promised; rejects when that cannot be found out. */
  readonly fresh: () => Promise<void> | null;
  readonly clock: Pick<Clock, 'now'>;
  readonly digest: Pick<Digest, 'sha256'>;
  /** Told of every use. */
  readonly used: (keyId: string, at: EpochMs) => void;
}

interface Known {
  readonly secret: KeySecret;
  readonly principal: Principal;
}

interface Stored {
  readonly secrets: readonly KeySecret[];
  readonly principal: Principal;
}

interface Index {
  readonly of: readonly KeyRecord[];
  readonly byDigest: ReadonlyMap<string, Known>;
  readonly byId: ReadonlyMap<string, Stored>;
}

/**
 * The keys of the configuration, and then those that are stored. A stored key is only believed while the registry is fresh:
 * who cannot ask whether it was revoked does not let it in.
 */
export function withStoredKeys(ports: StoredKeysPorts): KeyRing {
  const { configured, clock, digest, fresh } = ports;
  let index = indexOf([]);

  function current(): Index {
    const records = ports.records();
    if (index.of !== records) index = indexOf(records);
    return index;
  }

  /** The digest is looked up as a whole: it is no secret, and tells nothing about the one it is of. */
  function look(rawKey: string): Principal | null {
    const known = current().byDigest.get(digest.sha256(rawKey));
    const now = clock.now();
    if (known === undefined || !isLive(known.secret, now)) return null;
    ports.used(known.principal.keyId, now);
    return known.principal;
  }

  async function findStored(rawKey: string): Promise<Principal | null> {
    const found = await configured.find(rawKey);
    if (found !== null || !rawKey.startsWith(SECRET_PREFIX)) return found;
    await fresh();
    return look(rawKey);
  }

  return {
    find(rawKey) {
      const found = configured.find(rawKey);
      if (found instanceof Promise) return findStored(rawKey);
      if (found !== null || !rawKey.startsWith(SECRET_PREFIX)) return found;
      return fresh()?.then(() => look(rawKey)) ?? look(rawKey);
    },
    async byId(keyId) {
      const found = await configured.byId(keyId);
      if (found !== null) return found;
      await fresh();
      const known = current().byId.get(keyId);
      const now = clock.now();
      return known?.secrets.some((secret) => isLive(secret, now)) === true ? known.principal : null;
    },
  };
}

function indexOf(records: readonly KeyRecord[]): Index {
  const byDigest = new Map<string, Known>();
  const byId = new Map<string, Stored>();
  for (const { id, grant, madeBy, secrets } of records) {
    const principal = toPrincipal(id, grant, madeBy);
    byId.set(id, { secrets, principal });
    for (const secret of secrets) byDigest.set(secret.digest, { secret, principal });
  }
  return { of: records, byDigest, byId };
}
