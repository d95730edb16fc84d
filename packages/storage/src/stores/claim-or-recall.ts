import type { ExecutionRecord } from '@invoke/core/domain';
import { StorageUnavailable, type ClaimResult, type Recalled } from '@invoke/core/ports';

/** A key can change hands between a lost claim and the look at its holder only by being pruned: this often is plenty. */
const CLAIM_TRIES = 3;

export interface ClaimMeans {
  /** False: the key, or the id, is taken. */
  readonly tryClaim: () => Promise<boolean>;
  readonly recall: (keyDigest: string) => Promise<Recalled>;
}

const CLAIMED: ClaimResult = { kind: 'claimed' };

/** Claims, or tells who holds the key. Errors: StorageUnavailable when the id is taken, which is a bug. */
export function claimOrRecall(record: ExecutionRecord, means: ClaimMeans): Promise<ClaimResult> {
  return means.tryClaim().then((won) => (won ? CLAIMED : recallOrClaim(record, means)));
}

async function recallOrClaim(record: ExecutionRecord, means: ClaimMeans): Promise<ClaimResult> {
  for (let tries = 1; record.keyDigest !== null && tries <= CLAIM_TRIES; tries += 1) {
    const holder = await means.recall(record.keyDigest);
    if (holder.kind !== 'none') return holder;
    if (tries < CLAIM_TRIES && (await means.tryClaim())) return CLAIMED;
  }
  throw new StorageUnavailable(`The execution ${record.id} could not be recorded: its id is taken.`);
}
