import { isTerminal } from '@invoke/core/domain';
import { groupBy } from '../../support/group-by.js';
import type { Answer, Evidence, FinalExecution, Version } from './evidence.js';
import { findBreachesAround } from './find-breaches-around.js';
import type { Plan } from './plan.js';
import { MOST_RETRIES } from './people.js';
import { MOST_ATTEMPTS } from './tools.js';

/** The judge: everything that was promised and is not so. Knows nothing of how a gateway works. */
export function findViolations(evidence: Evidence, plan: Plan): readonly string[] {
  return [
    ...evidence.bugs.map((bug) => `bug: ${bug}`),
    ...doubledEffects(evidence),
    ...wrongRecords(evidence),
    ...unfinished(evidence),
    ...unrecordedSends(evidence, plan),
    ...brokenHistories(evidence),
    ...wrongAnswers(evidence),
    ...wrongApprovals(evidence),
    ...findBreachesAround(evidence, plan),
  ];
}

/** I1: at most one effect for a key, over all tools. */
function doubledEffects({ effects }: Evidence): readonly string[] {
  return [...groupBy(effects, (e) => e.key)]
    .filter(([, of]) => of.length > 1)
    .map(
      ([key, of]) => `doubled: ${key} took effect ${of.length} times (${of.map((e) => e.tool).join(', ')})`,
    );
}

/** I2, I3: done is done, and not done is not done. */
function wrongRecords({ executions, effects }: Evidence): readonly string[] {
  return executions.flatMap(({ key, tool, state, id }) => {
    const count = effects.filter((e) => e.key === key).length;
    if (tool === 'read') return [];
    if (state === 'completed' && count !== 1)
      return [`miscounted: ${key} ${id} is completed with ${count} effects`];
    if (isTerminal(state) && state !== 'completed' && count > 0)
      return [`false ${state}: ${key} ${id} took effect`];
    return [];
  });
}

const WAITS_FOR_PEOPLE = ['awaiting_approval', 'needs_review'];

/** I6: everything ends, or visibly waits for people; everyone who is not cut off gets an answer. */
function unfinished({ executions, approvals, unanswered }: Evidence): readonly string[] {
  const stuck = executions.flatMap(({ id, key, state }) => {
    if (isTerminal(state)) return [];
    if (!WAITS_FOR_PEOPLE.includes(state)) return [`stuck: ${key} ${id} is ${state}`];
    const asked = approvals.some((a) => a.executionId === id && a.state === 'pending');
    return asked ? [] : [`stuck: ${key} ${id} is ${state}, and nobody is asked`];
  });
  return [...stuck, ...unanswered.map((call) => `unanswered: ${call}`)];
}

/** I4, I8: no byte without a durable attempt of its own, and bounded attempts. */
function unrecordedSends({ sends, versions }: Evidence, { around }: Plan): readonly string[] {
  // One fallback on top of the attempts that the card allows; people may allow more.
  const people = around?.people.review ?? 'nobody';
  const most = (MOST_ATTEMPTS + 1) * (people === 'nobody' || people === 'says' ? 1 : 1 + MOST_RETRIES);
  return [...groupBy(sends, (s) => s.executionId)].flatMap(([id, of]) => {
    const early = of.flatMap((send, i) => {
      const known = versions.filter((v) => v.id === id && v.order < send.order);
      const durable = Math.max(0, ...known.map((v) => v.attempts));
      return durable > i
        ? []
        : [`unrecorded: request ${i + 1} of ${send.key} left with ${durable} attempts recorded`];
    });
    const many = of.length > most ? [`unbounded: ${id} was sent ${of.length} times`] : [];
    return [...early, ...many];
  });
}

/** I5, I9: each version follows from the one before; after a final one there is none. */
function brokenHistories({ versions }: Evidence): readonly string[] {
  return [...groupBy(versions, (v) => v.id)].flatMap(([id, of]) =>
    of.flatMap((version, i) => {
      const before = of[i - 1];
      return before === undefined ? [] : breaks(id, before, version);
    }),
  );
}

function breaks(id: string, before: Version, { from, epoch, seq, state, by }: Version): readonly string[] {
  const follows = from?.epoch === before.epoch && from.seq === before.seq;
  const name = `${id} to ${state} by ${by}`;
  return [
    ...(follows
      ? []
      : [`overwritten: ${name} came from ${from?.epoch}.${from?.seq}, not ${before.epoch}.${before.seq}`]),
    ...(isTerminal(before.state) ? [`changed: ${name} after ${before.state}`] : []),
    ...(epoch < before.epoch || seq <= before.seq ? [`went back: ${name}`] : []),
  ];
}

/** I5, I10: what was told as final was recorded before, is what is recorded, and is the same for all. */
function wrongAnswers({ answers, versions, executions }: Evidence): readonly string[] {
  return answers.flatMap((answer) => {
    const { key, told, executionId, settled } = answer;
    if (executionId === null) return [];
    const record = executions.find((e) => e.id === executionId);
    if (record === undefined)
      return [`lost: ${key} was told ${told} of ${executionId}, which is not recorded`];
    const others = executions.filter((e) => e.key === key && e.id !== executionId);
    const twice = others.length > 0 ? [`two executions of ${key}: ${executionId}, ${others[0]?.id}`] : [];
    if (!settled) return twice;
    const recorded = versions.some(
      (v) => v.id === executionId && isTerminal(v.state) && v.order < answer.order,
    );
    return [
      ...twice,
      ...(recorded ? [] : [`told too early: ${key} ${told}`]),
      ...(agrees(answer, record)
        ? []
        : [`told otherwise: ${key} ${told}, recorded is ${record.state} ${record.final}`]),
    ];
  });
}

function agrees(answer: Answer, { state, final, resultText }: FinalExecution): boolean {
  const word = final === 'outcome_reconciled' ? final : state;
  return answer.told === word && answer.resultText === resultText;
}

/** A yes lets one thing happen. */
function wrongApprovals({ approvals, sends, executions, effects }: Evidence): readonly string[] {
  return executions.flatMap(({ id, key, state }) => {
    const of = approvals.filter((a) => a.executionId === id && a.kind === 'approval');
    const spent = of.filter((a) => a.state === 'executed').length;
    if (of.length === 0) return [];
    return [
      ...(spent > 1 ? [`spent twice: ${key} has ${spent} approvals that were executed`] : []),
      ...(spent === 0 && sends.some((s) => s.executionId === id) ? [`not approved: ${key} was sent`] : []),
      ...(spent === 0 && effects.some((e) => e.key === key) ? [`not approved: ${key} took effect`] : []),
      ...(spent === 1 && state === 'awaiting_approval' ? [`approved and waiting: ${key}`] : []),
    ];
  });
}
