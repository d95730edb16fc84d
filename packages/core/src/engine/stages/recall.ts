import { decideClaim } from '../../domain/idempotency/decide-claim.js';
import type { Recalled } from '../../ports/execution-store.js';
import { filled } from '../context.js';
import type { EngineDeps } from '../deps.js';
import { defineStage } from '../stage.js';

const NOTHING: Recalled = { kind: 'none' };

export const recall = defineStage<Recalled>('recall', {
  gather(ctx, deps) {
    const { keyDigest } = filled(ctx, 'identity');
    if (keyDigest === null) return NOTHING;
    const record = deps.settled.find(keyDigest, deps.clock.now());
    if (record !== null) return { kind: 'execution', record };
    return deps.store.executions.isNew(keyDigest) ? NOTHING : look(keyDigest, deps);
  },
  decide(ctx, recalled) {
    if (recalled.kind === 'execution') ctx.known = recalled.record;
    return decideClaim(recalled, filled(ctx, 'identity').fingerprint);
  },
});

async function look(keyDigest: string, { store, settled }: EngineDeps): Promise<Recalled> {
  const recalled = await store.executions.recall(keyDigest);
  if (recalled.kind === 'execution') settled.keep(keyDigest, recalled.record);
  return recalled;
}
