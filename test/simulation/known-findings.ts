import type { Evidence } from './support/evidence.js';
import type { Plan, RequestFate } from './support/plan.js';

/**
 * What the simulation has found and what is not mended yet. Each entry is proven to be still there by its plans; whoever mends
 * one sees that proof fail, and takes the entry out: from then on nothing excuses it any more.
 */
export interface KnownFinding {
  readonly id: string;
  readonly what: string;
  readonly plans: readonly { readonly name: string; readonly plan: Plan }[];
  /** Whether a violation is this finding's. */
  explains(violation: string, evidence: Evidence): boolean;
}

const CALL = { key: 'k1', tool: 'blind', atMs: 0, gateway: 0, approval: false, fallback: false } as const;
const QUIET: Plan = { seed: 1, gateways: 2, calls: [CALL], requests: [], reads: [], faults: [] };
const LOST_AFTER: RequestFate = { connectMs: 0, refused: false, effectMs: 5, reply: 'lost', replyMs: 10 };

const DRIVEN = /^stuck: \S+ (\S+) is (?:accepted|running|retry_wait|unknown|reconciling)$/;
const LOST_ANSWER = { kind: 'write', how: 'lost_commit', ms: 0 } as const;

/** A gateway that sleeps, and is called as it wakes up. */
function wakesWithCall({ ms, afterMs }: { readonly ms: number; readonly afterMs: number }): Plan {
  return {
    ...QUIET,
    calls: [{ ...CALL, atMs: ms + afterMs }],
    faults: [{ kind: 'at', atMs: 0, gateway: 0, how: 'pause', ms }],
  };
}

const abandoned: KnownFinding = {
  id: 'abandoned-by-a-living-owner',
  what: 'A gateway lets go of an execution whose row goes on naming it as the owner, and lives: nobody ever drives it on.',
  plans: [
    { name: 'the answer to the claim was lost', plan: { ...QUIET, faults: [{ ...LOST_ANSWER, n: 1 }] } },
    {
      name: 'the answer to a transition was lost',
      plan: {
        ...QUIET,
        calls: [{ ...CALL, tool: 'lookup' }],
        requests: [LOST_AFTER],
        faults: [{ ...LOST_ANSWER, n: 2 }],
      },
    },
    {
      name: 'the answer to the yes was lost',
      plan: { ...QUIET, calls: [{ ...CALL, approval: true }], faults: [{ ...LOST_ANSWER, n: 2 }] },
    },
    {
      name: 'the answer to the taking-over was lost',
      plan: {
        ...QUIET,
        faults: [
          { kind: 'write', n: 1, how: 'crash_after', ms: 3_000 },
          { ...LOST_ANSWER, n: 2 },
        ],
      },
    },
    {
      name: 'a call between waking up and renewing the lease in time: fenced and let go, under the same owner',
      plan: { ...wakesWithCall({ ms: 700, afterMs: 2 }), seed: 35 },
    },
    {
      name: 'a call between losing the lease and living on under a new one: let go, under the new owner',
      plan: { ...wakesWithCall({ ms: 1_400, afterMs: 6 }), seed: 1 },
    },
  ],
  explains(violation, { lostCommits, fenced, reborn, versions }) {
    const id = DRIVEN.exec(violation)?.[1] ?? '';
    const by = versions.findLast((v) => v.id === id)?.by ?? '';
    return lostCommits.has(id) || fenced.has(id) || reborn.has(by);
  },
};

export const KNOWN_FINDINGS: readonly KnownFinding[] = [abandoned];

/** Violations that nothing explains yet. */
export function withoutKnown(violations: readonly string[], evidence: Evidence): readonly string[] {
  return violations.filter((violation) => !KNOWN_FINDINGS.some((k) => k.explains(violation, evidence)));
}
