import { decideClaim } from '../../domain/idempotency/decide-claim.js';
import type { Recalled } from '../../ports/execution-store.js';
import { filled } from '../context.js';
import { defineStage } from '../stage.js';

const NOTHING: Recalled = { kind: 'none' };

export const recall = defineStage<Recalled>('recall', {
  gather(ctx, { store }) {
    const { keyDigest } = filled(ctx, 'identity');
    return keyDigest === null ? NOTHING : store.executions.recall(keyDigest);
  },
  decide(ctx, recalled) {
    if (recalled.kind === 'execution') ctx.known = recalled.record;
    return decideClaim(recalled, filled(ctx, 'identity').fingerprint);
  },
});
