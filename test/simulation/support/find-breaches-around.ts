import { EXECUTION_STATE, type ExecutionState } from '@invoke/contract';
import { UNSETTLED_STATES } from '@invoke/core/domain';
import type { Evidence, FinalExecution, Version } from './evidence.js';
import type { Plan } from './plan.js';

/** The rest of the promise: budgets, entities that are held, approvals in time, keys that outlive their records. */
export function findBreachesAround(evidence: Evidence, plan: Plan): readonly string[] {
  return [
    ...wrongBudget(evidence, plan),
    ...unheldWrites(evidence),
    ...lateApprovals(evidence),
    ...staleApprovals(evidence),
    ...forgottenKeys(evidence),
    ...evidence.stillCounted.map((name) => `never left: what ${name} counts as under way`),
    ...evidence.leftOpen.map((id) => `not judged: what was told of ${id} while it was under way`),
  ];
}

const S = EXECUTION_STATE;
const WITHOUT_EFFECT: readonly ExecutionState[] = [
  S.failed,
  S.blocked,
  S.denied,
  S.rejected,
  S.cancelled,
  S.expired,
  S.replan_required,
];
/** Faults that stop nobody between a charge and what it is for. */
const HARMLESS = ['pause', 'pause_after', 'before_check', 'clock', 'prune'];

/**
 * What took effect, or may have, is charged, so that a budget is never overdrawn; and where nothing stopped a gateway between
 * a charge and its claim, or an end and its giving back, nothing else is.
 */
function wrongBudget({ executions, spent }: Evidence, { around, faults }: Plan): readonly string[] {
  if (spent === null || around === undefined || around.budget === null) return [];
  const holding = executions.filter((e) => !WITHOUT_EFFECT.includes(e.state)).length;
  const calm = faults.every((f) => HARMLESS.includes('how' in f ? f.how : f.kind));
  return [
    ...(holding > around.budget ? [`overdrawn: ${holding} calls on a budget of ${around.budget}`] : []),
    ...(spent < holding ? [`given back twice: ${holding} calls hold the budget, ${spent} are charged`] : []),
    ...(calm && spent > holding ? [`leaked: ${spent} are charged, ${holding} calls hold the budget`] : []),
  ];
}

/** While the outcome of a write to an entity is unknown, no other one is begun. */
function unheldWrites({ executions, versions, asked, answers }: Evidence): readonly string[] {
  return executions.flatMap((later) => {
    if (later.entity === null || later.tool === 'read') return [];
    const claimed = versions.find((v) => v.id === later.id)?.order ?? 0;
    // Of several calls with the key, any that was under way may be the one that has claimed it.
    const answered = new Set(answers.filter((a) => a.order < claimed).map(({ label }) => label));
    const call = asked.find((a) => a.key === later.key && !answered.has(a.label))?.order ?? 0;
    return executions
      .filter((earlier) => earlier.id !== later.id && earlier.entity === later.entity)
      .filter((earlier) =>
        inDoubtThroughout(
          versions.filter((v) => v.id === earlier.id),
          call,
          claimed,
        ),
      )
      .map((earlier) => `not held: ${later.key} was begun while the outcome of ${earlier.key} was unknown`);
  });
}

/** Whether an execution was unsettled from before `from` until after `to`. */
function inDoubtThroughout(history: readonly Version[], from: number, to: number): boolean {
  const before = history.findLast((v) => v.order < from);
  const during = history.filter((v) => v.order >= from && v.order <= to);
  return [before, ...during].every((v) => v !== undefined && UNSETTLED_STATES.includes(v.state));
}

/** A yes counts until the approval expires, by the clock of the store. */
function lateApprovals({ versions, approvals }: Evidence): readonly string[] {
  return approvals.flatMap(({ executionId, expiresAt, state }) => {
    if (state !== 'executed') return [];
    const history = versions.filter((v) => v.id === executionId);
    const freed = history.find((v, i) => history[i - 1]?.state === S.awaiting_approval && !ended(v));
    if (freed === undefined || freed.atMs < expiresAt) return [];
    return [`approved too late: ${executionId}, by ${freed.atMs - expiresAt} ms`];
  });
}

/** Whoever lets an approved call go has looked at the world since it was asked for, and it was as it had to be. */
function staleApprovals({ versions, approvals, levels }: Evidence): readonly string[] {
  if (levels === null) return [];
  const approved = approvals.filter((a) => a.state === 'executed').map(({ executionId }) => executionId);
  return [...new Set(approved)].flatMap((id) => {
    const history = versions.filter((v) => v.id === id);
    const [asked] = history;
    const freed = history.find((v, i) => history[i - 1]?.state === S.awaiting_approval && !ended(v));
    if (asked === undefined || freed === undefined) return [];
    const looked = levels.some(
      ({ order, gateway, level }) =>
        gateway === freed.by && level === 'green' && order > asked.order && order < freed.order,
    );
    return looked ? [] : [`approved for another world: ${id} by ${freed.by}`];
  });
}

function ended({ state }: Version): boolean {
  return state === S.awaiting_approval || WITHOUT_EFFECT.includes(state);
}

/** A key whose record is gone still names that call: it is answered as before, or not at all. */
function forgottenKeys({ executions, pruned, versions }: Evidence): readonly string[] {
  const keys = new Map<string, FinalExecution>();
  return executions.flatMap((execution) => {
    const other = keys.get(execution.key);
    keys.set(execution.key, execution);
    const gone = [other, execution].some((e) => e !== undefined && pruned.has(e.id));
    if (other === undefined || !gone || versions.length === 0) return [];
    return [`run again after pruning: ${execution.key} as ${other.id} and ${execution.id}`];
  });
}
