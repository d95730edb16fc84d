import { isTerminal } from '@invoke/core/domain';
import type { ExecutionState } from '@invoke/contract';
import { MOST_ATTEMPTS } from './cards.js';
import type { CallerHistory, Told } from './client.js';
import type { Evidence, StoredExecution, StoredVersion } from './evidence.js';
import { groupBy } from '../../support/group-by.js';
import type { Arrival } from './ledger.js';
import { unprovenAttempts } from './unproven-attempts.js';

/**
 * What is wrong. `doubled`: it was done twice (I1). `lost`: told or recorded as done, and not done, or not recorded (I2).
 * `false_failed`: called a failure, and done (I3). `unrecorded`: a request left before its attempt was durable (I4).
 * `changed`: answers to one key differ, or a final record changed (I5). `mixed_up`: the result is that of another call. `stuck`: neither ended nor waiting for people (I6).
 * `untold`: not told, or told twice, to those who have to decide (I7).
 * `unbounded`: too many attempts, or one that nothing allowed (I8). `went_back`: an older epoch wrote (I9). `crashed`: a gateway ended that nobody had ended. `vacuous`: too little happened to prove anything.
 */
export type ViolationKind =
  | 'doubled'
  | 'lost'
  | 'false_failed'
  | 'unrecorded'
  | 'changed'
  | 'mixed_up'
  | 'stuck'
  | 'untold'
  | 'unbounded'
  | 'went_back'
  | 'crashed'
  | 'vacuous';

export interface Violation {
  readonly kind: ViolationKind;
  readonly text: string;
}

export interface Minimums {
  /** A run in which everything errored proves nothing. */
  readonly completed: number;
  readonly takeovers: number;
  /** Of all executions, whatever the machine gets done: one that hands every doubt to people keeps all other promises. */
  readonly shares?: Readonly<Partial<Record<'completed' | 'reconciled', number>>>;
}

export interface Counts {
  readonly executions: number;
  readonly attempts: number;
  readonly effects: number;
  readonly completed: number;
  readonly reconciled: number;
  readonly failed: number;
  readonly needsReview: number;
  /** Times that an execution got another owner. */
  readonly takeovers: number;
}

export interface Judgement {
  readonly violations: readonly Violation[];
  readonly counts: Counts;
}

/** Pure: from what the tools counted, what callers were told and what the database holds, to what is wrong. */
export function judge(evidence: Evidence, minimums: Minimums): Judgement {
  const counts = countAll(evidence);
  const versions = groupBy(evidence.versions, (v) => v.id);
  const byKey = groupBy(evidence.executions, (e) => e.key);
  const arrivals = groupBy(evidence.arrivals, (a) => a.ref);
  const effects = groupBy(evidence.effects, (e) => e.ref);
  const violations = [
    ...doubledEffects(evidence),
    ...evidence.executions.flatMap((e) => wrongRecord(e, effects.get(e.key)?.length ?? 0, evidence)),
    ...evidence.executions.flatMap((e) => wrongHistory(e, versions.get(e.id) ?? [])),
    ...evidence.executions.flatMap((e) => wrongResult(e, arrivals.get(e.key) ?? [])),
    ...evidence.executions.flatMap((e) =>
      unprovenAttempts(e).map((text) => violation('unbounded', `${e.key}: ${text}`)),
    ),
    ...goneExecutions(evidence, versions),
    ...[...byKey].flatMap(([key, of]) =>
      wrongSends(key, of, { arrivals: arrivals.get(key) ?? [], versions }),
    ),
    ...orphanedArrivals(evidence, byKey),
    ...evidence.callers.flatMap((caller) => wrongAnswers(caller, byKey.get(caller.key) ?? [])),
    ...takenBackAnswers(evidence),
    ...wrongApprovals(evidence),
    ...wrongMessages(evidence),
    ...vacuous(counts, minimums),
  ];
  return { violations, counts };
}

function violation(kind: ViolationKind, text: string): Violation {
  return { kind, text };
}

/** I1. */
function doubledEffects({ effects }: Evidence): readonly Violation[] {
  return [...groupBy(effects, (e) => e.ref)]
    .filter(([, of]) => of.length > 1)
    .map(([ref, of]) =>
      violation(
        'doubled',
        `${ref} took effect ${of.length} times: ${of.map((e) => `${e.tool} at ${e.at}`).join(', ')}`,
      ),
    );
}

/** I2, I3, I6. */
function wrongRecord(
  { id, key, tool, state }: StoredExecution,
  done: number,
  { approvals }: Evidence,
): readonly Violation[] {
  const name = `${key} (${tool}, ${id})`;
  if (!isTerminal(state as ExecutionState)) {
    const asked = approvals.some((a) => a.executionId === id && a.state === 'pending');
    const waits = state === 'needs_review' || state === 'awaiting_approval';
    return waits && asked
      ? []
      : [violation('stuck', `${name} is ${state}${waits ? ', and nobody is asked' : ''}`)];
  }
  if (tool === 'read') return [];
  if (state === 'completed' && done === 0)
    return [violation('lost', `${name} is completed, and was never done`)];
  if (state !== 'completed' && done > 0)
    return [violation('false_failed', `${name} is ${state}, and was done`)];
  return [];
}

/** I5, I9, as the database saw it. */
function wrongHistory(
  { id, key, epoch, state }: StoredExecution,
  versions: readonly StoredVersion[],
): readonly Violation[] {
  const last = versions.at(-1);
  const moved = last !== undefined && (last.epoch !== epoch || last.state !== state);
  const unseen = moved
    ? [
        violation(
          'changed',
          `${key} (${id}) is ${epoch} ${state}, and was last seen as ${last.epoch} ${last.state}`,
        ),
      ]
    : [];
  const steps = versions.flatMap((version, i) => {
    const before = versions[i - 1];
    if (before === undefined) return [];
    const step = `${key} (${id}) from ${before.epoch}.${before.seq} ${before.state} to ${version.epoch}.${version.seq} ${version.state}`;
    if (isTerminal(before.state as ExecutionState)) return [violation('changed', step)];
    const follows = version.epoch >= before.epoch && version.seq === before.seq + 1;
    return follows ? [] : [violation('went_back', step)];
  });
  return [...steps, ...unseen];
}

/** I5: what was accepted once is there, whether or not anybody was told of it. */
function goneExecutions(
  { executions }: Evidence,
  versions: ReadonlyMap<string, readonly StoredVersion[]>,
): readonly Violation[] {
  const there = new Set(executions.map((e) => e.id));
  return [...versions.keys()]
    .filter((id) => !there.has(id))
    .map((id) => violation('lost', `${id} was recorded, and is not there any more`));
}

/** A tool says in its answer whose request it was: by our reference, or by the caller's name for it. */
function wrongResult(
  { id, key, tool, resultText }: StoredExecution,
  arrivals: readonly Arrival[],
): readonly Violation[] {
  const result = (JSON.parse(resultText ?? '{}') ?? {}) as {
    readonly receipt?: string;
    readonly value?: string;
  };
  const whose = tool === 'read' ? result.value : result.receipt;
  const isOwn = whose === undefined || whose === key || arrivals.some((a) => a.reference === whose);
  return isOwn ? [] : [violation('mixed_up', `${key} (${id}) has the result of ${whose}`)];
}

/** Answers by which these tools say that they did nothing. */
const HARMLESS = new Set(['refused_400', 'busy_429']);
const BLIND = new Set(['blind', 'backup']);

/** I4, I8: each request has an attempt that was durable before it, and there are not too many. */
function wrongSends(
  key: string,
  executions: readonly StoredExecution[],
  known: {
    readonly arrivals: readonly Arrival[];
    readonly versions: ReadonlyMap<string, readonly StoredVersion[]>;
  },
): readonly Violation[] {
  // Of one that was delivered twice, the first counts; those that carry no mark cannot be told apart, and all count.
  const requests = [
    ...new Map(known.arrivals.toReversed().map((a, i) => [a.mark === '' ? i : a.mark, a])).values(),
  ].toSorted((a, b) => a.at - b.at);
  const found: Violation[] = [];
  const recorded = executions.flatMap((e) => known.versions.get(e.id) ?? []);
  requests.forEach(({ at, tool }, i) => {
    const durable = Math.max(0, ...recorded.filter((v) => Math.floor(v.at) <= at).map((v) => v.attempts));
    if (recorded.length > 0 && durable <= i)
      found.push(
        violation(
          'unrecorded',
          `request ${i + 1} of ${key} reached ${tool} with ${durable} attempts recorded`,
        ),
      );
  });
  for (const [tool, of] of groupBy(requests, (r) => r.tool)) {
    if (of.length > MOST_ATTEMPTS)
      found.push(violation('unbounded', `${key} reached ${tool} ${of.length} times`));
    const doubtful = of.filter((r) => !HARMLESS.has(r.fate));
    if (BLIND.has(tool) && doubtful.length > 1)
      found.push(
        violation('unbounded', `${key} reached ${tool}, which nobody can ask, ${doubtful.length} times`),
      );
  }
  return found;
}

/** I4: nothing is done that is not recorded at all. */
function orphanedArrivals(
  { arrivals }: Evidence,
  byKey: ReadonlyMap<string, readonly StoredExecution[]>,
): readonly Violation[] {
  return arrivals
    .filter((a) => !byKey.has(a.ref))
    .map((a) => violation('unrecorded', `${a.ref} reached ${a.tool}, and is not recorded`));
}

/** I5, I6, I10: what one caller was told agrees with itself and with what is recorded. */
function wrongAnswers(caller: CallerHistory, executions: readonly StoredExecution[]): readonly Violation[] {
  const { key, told, ended } = caller;
  const found: Violation[] = [];
  if (!ended)
    found.push(
      violation('stuck', `${key}: its caller never got an answer (last: ${told.at(-1)?.word ?? 'none'})`),
    );
  const ids = new Set(told.flatMap((t) => t.executionId ?? []));
  if (ids.size > 1) found.push(violation('changed', `${key} was told of ${ids.size} executions`));
  if (executions.length > 1) found.push(violation('changed', `${key} has ${executions.length} executions`));
  for (const id of ids) {
    if (!executions.some((e) => e.id === id))
      found.push(violation('lost', `${key} was told of ${id}, which is not recorded`));
  }
  const record = executions[0];
  for (const final of new Set(told.flatMap((t) => t.final ?? []))) {
    if (record === undefined || executions.length > 1) continue;
    const now = finalOf(record);
    // A problem says how it ended, and not what the tool had answered.
    const asProblem = JSON.stringify([record.state]);
    if (final !== now && !(final === asProblem && record.state === 'failed'))
      found.push(violation('changed', `${key} was told ${final}, and recorded is ${now}`));
  }
  return found;
}

/** I5, I10: who asks after somebody was told how it has ended is told that, or nothing. */
function takenBackAnswers({ callers }: Evidence): readonly Violation[] {
  return [...groupBy(callers, (c) => c.key)].flatMap(([key, of]) => {
    const told = of.flatMap((c) => c.told);
    const knownAt = Math.min(...told.filter((t) => t.final !== null).map((t) => t.at));
    return told
      .filter((t) => t.askedAt > knownAt && t.final === null && says(t))
      .map(({ word }) => violation('changed', `${key} was told ${word} after it had been told how it ended`));
  });
}

/** That a gateway cannot answer now says nothing. */
function says({ executionId, status }: Told): boolean {
  return executionId !== null || (status !== null && status < 500 && status !== 429);
}

function finalOf({ state, final, resultText }: StoredExecution): string {
  const word = final === 'outcome_reconciled' ? final : state;
  return JSON.stringify([word, resultText === null ? null : (JSON.parse(resultText) as unknown)]);
}

/** A yes lets one thing happen, and nothing happens without it. */
function wrongApprovals({ approvals, executions, arrivals }: Evidence): readonly Violation[] {
  return executions
    .filter((e) => e.tool === 'approved')
    .flatMap(({ id, key }) => {
      const spent = approvals.filter(
        (a) => a.executionId === id && a.kind === 'approval' && a.state === 'executed',
      ).length;
      const sent = arrivals.some((a) => a.ref === key);
      return [
        ...(spent > 1 ? [violation('unbounded', `${key} has ${spent} approvals that were executed`)] : []),
        ...(spent === 0 && sent ? [violation('unbounded', `${key} was sent without an approval`)] : []),
      ];
    });
}

/** From so many on it is no chance that none of them has arrived. */
const SOME_MESSAGES = 10;

/** I7: everything that people have to decide is told by one message, and what counts as delivered has arrived. */
function wrongMessages({ approvals, messages, deliveries }: Evidence): readonly Violation[] {
  const asking = groupBy(
    messages.filter((m) => m.topic.endsWith('.requested') || m.topic.endsWith('.requeued')),
    (m) => m.approvalId ?? '',
  );
  const arrived = deliveries === null ? null : new Set(deliveries);
  const none = messages.length >= SOME_MESSAGES && arrived?.size === 0;
  return [
    ...(none ? [violation('untold', `none of ${messages.length} messages has arrived`)] : []),
    ...messages
      .filter((m) => m.ended === 'dead')
      .map((m) => violation('untold', `${m.topic} ${m.id} was given up`)),
    ...approvals
      .filter((a) => asking.get(a.id)?.length !== 1)
      .map((a) => violation('untold', `${a.kind} ${a.id} has ${asking.get(a.id)?.length ?? 0} messages`)),
    ...messages
      .filter((m) => m.ended === 'delivered' && arrived?.has(m.id) === false)
      .map((m) => violation('untold', `${m.topic} ${m.id} counts as delivered and never arrived`)),
  ];
}

function vacuous(counts: Counts, { completed, takeovers, shares = {} }: Minimums): readonly Violation[] {
  const ofAll = (what: keyof typeof shares) => Math.floor((shares[what] ?? 0) * counts.executions);
  const least = {
    completed: Math.max(completed, ofAll('completed')),
    takeovers,
    reconciled: ofAll('reconciled'),
  };
  return (['completed', 'takeovers', 'reconciled'] as const)
    .filter((what) => counts[what] < least[what])
    .map((what) =>
      violation('vacuous', `only ${counts[what]} ${what}, at least ${least[what]} were expected`),
    );
}

function countAll({ executions, versions, effects }: Evidence): Counts {
  const inState = (state: string) => executions.filter((e) => e.state === state).length;
  const takeovers = [...groupBy(versions, (v) => v.id).values()].reduce(
    (sum, of) => sum + of.filter((v, i) => v.epoch > (of[i - 1]?.epoch ?? v.epoch)).length,
    0,
  );
  return {
    executions: executions.length,
    attempts: executions.reduce((sum, e) => sum + e.attempts, 0),
    effects: effects.length,
    completed: inState('completed'),
    reconciled: executions.filter((e) => e.final === 'outcome_reconciled').length,
    failed: inState('failed'),
    needsReview: inState('needs_review'),
    takeovers,
  };
}
