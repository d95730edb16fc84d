import { EXECUTION_STATE, type ExecutionState, type UsageLine } from '@invoke/contract';
import type { Charge, ExecutionRecord } from '@invoke/core/domain';
import type { Reserved, UsageQuery, UsageStore } from '@invoke/core/ports';
import { compareText } from './compare-text.js';
import type { Later } from './later.js';
import type { ExecutionMemory } from './memory-executions.js';

const S = EXECUTION_STATE;
const OPEN: readonly ExecutionState[] = [
  S.accepted,
  S.awaiting_approval,
  S.running,
  S.retry_wait,
  S.unknown,
  S.reconciling,
  S.needs_review,
];

/** One budget in one window. */
type Use = Pick<Charge, 'tenant' | 'budget' | 'subject' | 'windowStart' | 'windowEnd'> & {
  readonly calls: number;
  readonly amount: number;
};

export function createMemoryUsage(executions: ExecutionMemory, later: Later): UsageStore {
  let uses = new Map<string, Use>();
  return {
    reserve: (charges) =>
      later(() => {
        const after = new Map(uses);
        const reserved = reserve(after, charges);
        if (reserved.kind === 'reserved') uses = after;
        return reserved;
      }),
    release: (charges) =>
      later(() => {
        for (const charge of charges) release(uses, charge);
      }),
    spent: (tenant, now) =>
      later(() =>
        inOrder([...uses.values()].filter((use) => use.tenant === tenant && use.windowEnd > now)).map(
          ({ budget, subject, windowStart, calls, amount }) => ({
            budget,
            subject,
            windowStart,
            calls,
            amount,
          }),
        ),
      ),
    usage: (query) => later(() => usage(executions, query)),
    prune: (endedBefore, limit) =>
      later(() => {
        const old = inOrder([...uses.values()])
          .filter((use) => use.windowEnd < endedBefore)
          .toSorted((a, b) => a.windowEnd - b.windowEnd)
          .slice(0, limit);
        for (const use of old) uses.delete(keyOf(use));
        return old.length;
      }),
  };
}

function keyOf({
  tenant,
  budget,
  subject,
  windowStart,
}: Omit<Use, 'windowEnd' | 'calls' | 'amount'>): string {
  return [tenant, budget, subject, String(windowStart).padStart(16, '0')].join('\u0000');
}

function inOrder<T extends Pick<Use, 'tenant' | 'budget' | 'subject' | 'windowStart'>>(
  list: readonly T[],
): readonly T[] {
  return list.toSorted((a, b) => compareText(keyOf(a), keyOf(b)));
}

function reserve(uses: Map<string, Use>, charges: readonly Charge[]): Reserved {
  for (const charge of inOrder(charges)) {
    const { tenant, budget, subject, windowStart, windowEnd, maxCalls, maxAmount } = charge;
    const known = uses.get(keyOf(charge));
    const calls = (known?.calls ?? 0) + 1;
    const amount = (known?.amount ?? 0) + charge.amount;
    const isOver = calls > (maxCalls ?? Infinity) || amount > (maxAmount ?? Infinity);
    if (isOver) return { kind: 'exceeded', charge };
    uses.set(keyOf(charge), { tenant, budget, subject, windowStart, windowEnd, calls, amount });
  }
  return { kind: 'reserved' };
}

function release(uses: Map<string, Use>, charge: Charge): void {
  const known = uses.get(keyOf(charge));
  if (known === undefined) return;
  const calls = Math.max(0, known.calls - 1);
  const amount = calls === 0 ? 0 : Math.max(0, known.amount - charge.amount);
  uses.set(keyOf(charge), { ...known, calls, amount });
}

function usage({ records }: ExecutionMemory, query: UsageQuery): Awaited<ReturnType<UsageStore['usage']>> {
  const { tenant, since, until, scan } = query;
  const inPeriod = records
    .filter((r) => r.tenant === tenant && r.createdAt >= since && r.createdAt < until)
    .toReversed()
    .toSorted((a, b) => b.createdAt - a.createdAt);
  const lines = new Map<string, UsageLine>();
  for (const record of inPeriod.slice(0, scan)) {
    const subject = subjectOf(record, query.per);
    const line = lines.get(subject) ?? { subject, calls: 0, completed: 0, failed: 0, open: 0 };
    const field = fieldOf(record.state);
    lines.set(subject, { ...line, calls: line.calls + 1, [field]: line[field] + 1 });
  }
  return {
    lines: [...lines.values()].toSorted((a, b) => compareText(a.subject, b.subject)),
    complete: inPeriod.length <= scan,
  };
}

function subjectOf(record: ExecutionRecord, per: UsageQuery['per']): string {
  switch (per) {
    case 'tool':
      return record.tool;
    case 'agent':
      return record.agentId ?? '';
    case 'key':
      return record.keyId;
  }
}

function fieldOf(state: ExecutionState): 'completed' | 'failed' | 'open' {
  if (state === S.completed) return 'completed';
  return OPEN.includes(state) ? 'open' : 'failed';
}
