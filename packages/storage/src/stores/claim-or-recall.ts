import type { ExecutionRecord } from '@invoke/core/domain';
import { StorageUnavailable, type ClaimResult, type Recalled } from '@invoke/core/ports';

/** A key can change hands between a lost claim and the look at its holder only by being pruned: this often is plenty. */
const CLAIM_TRIES = 3;

export interface ClaimMeans {
  /** False: the key, or the id, is taken. */
  readonly tryClaim: () => Promise<boolean>;
  readonly recall: (keyDigest: string) => Promise<Recalled>;
}

/** Claims, or tells who holds the key. Errors: StorageUnavailable when the id is taken, which is a bug. */
export async function claimOrRecall(record: ExecutionRecord, means: ClaimMeans): Promise<ClaimResult> {
  for (let tries = 0; tries < CLAIM_TRIES; tries += 1) {
    if (await means.tryClaim()) return { kind: 'claimed' };
    if (record.keyDigest === null) break;
    const holder = await means.recall(record.keyDigest);
    if (holder.kind !== 'none') return holder;
  }
  throw new StorageUnavailable(`The execution ${record.id} could not be recorded: its id is taken.`);
}
