import type { KeySecret } from '../../domain/access/key-record.js';
import type { EpochMs } from '../../domain/time.js';
import type { Digest } from '../../ports/digest.js';
import type { Ids } from '../../ports/ids.js';

/** What every stored key begins with, so that a leak is recognised by who looks for it. */
export const SECRET_PREFIX = 'inv_';

/** Of the beginning and the end of a secret this much is shown; what is left of it has more than 140 random bits. */
const SHOWN_BEFORE = SECRET_PREFIX.length + 4;
const SHOWN_AFTER = 4;

export interface NewSecret {
  /** To be told once; nobody keeps it. */
  readonly text: string;
  readonly kept: KeySecret;
}

/** 192 random bits. A plain digest is enough for a secret that nobody can guess. */
export function newSecret(createdAt: EpochMs, { ids, digest }: { ids: Ids; digest: Digest }): NewSecret {
  const text = SECRET_PREFIX + ids.token() + ids.token();
  return {
    text,
    kept: {
      digest: digest.sha256(text),
      prefix: text.slice(0, SHOWN_BEFORE),
      lastFour: text.slice(-SHOWN_AFTER),
      createdAt,
      endsAt: null,
    },
  };
}
