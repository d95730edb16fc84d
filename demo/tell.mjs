/** @import { ExecutionView } from '@invoke/contract' */
/** @import { InvokeAnswer, KeyHolder, Line, Tell } from './types.ts' */

/** Collects what happened on one side. */
export function createTeller() {
  /** @type {Line[]} */
  const lines = [];
  /** @type {Tell} */
  const tell = (text, tone = 'plain') => {
    lines.push({ tone, text });
  };
  return { lines, tell };
}

/**
 * Tells one call through Invoke: the attempts and lookups that its execution has journalled, then the answer.
 * @param {Tell} tell
 * @param {{ readonly tool: string, readonly answer: InvokeAnswer, readonly execution: ExecutionView | null, readonly told: Set<string> }} facts
 *   `told`: what earlier calls of the scene have told already; a replay does not tell it again.
 */
export function tellAnswer(tell, { tool, answer, execution, told }) {
  for (const attempt of execution?.attempts ?? []) {
    if (isNews(told, `${execution?.execution_id} attempt ${attempt.n}`)) {
      const reason = attempt.reason ?? attempt.state;
      tell(
        `${attempt.tool}, attempt ${attempt.n}: ${inWords(reason)}`,
        attempt.certainty === 'effect' ? 'plain' : 'bad',
      );
    }
  }
  for (const lookup of execution?.lookups ?? []) {
    if (isNews(told, `${execution?.execution_id} lookup ${lookup.n}`)) {
      tell(`looked up: ${lookup.evidence} (${lookup.verdict})`);
    }
  }
  const { http, body } = answer;
  if (body.code !== undefined && (body.execution_id ?? null) === null) {
    tell(`${tool}: refused, ${http} ${body.code}`, 'good');
    if (body.detail !== undefined) tell(body.detail, 'dim');
    return;
  }
  const words = [
    body.status,
    body.decision === 'execute' ? undefined : body.decision,
    body.replayed === true ? 'replayed' : undefined,
  ];
  tell(`answer: ${http} ${words.filter((w) => w !== undefined).join(', ')}`, http === 200 ? 'good' : 'plain');
}

const VERBS = { approve: 'approves', reject: 'rejects' };

/**
 * Tells a decision on an approval, and what has changed since it was frozen.
 * @param {Tell} tell
 * @param {{ readonly holder: KeyHolder, readonly verb: 'approve' | 'reject', readonly answer: InvokeAnswer }} facts
 */
export function tellDecision(tell, { holder, verb, answer: { http, body } }) {
  if (body.code !== undefined) {
    tell(`the ${holder} ${VERBS[verb]}: refused, ${http} ${body.code}`, 'good');
    return;
  }
  tell(`the ${holder} ${VERBS[verb]}: ${http} ${body.status}`, 'good');
  if (body.status !== 'requeued') return;
  for (const { field, frozen, live, verdict } of body.drift ?? []) {
    if (verdict !== 'unchanged') tell(`${field}: ${JSON.stringify(frozen)} -> ${JSON.stringify(live)}`);
  }
}

/** Tells what came of looking before acting. @param {Tell} tell @param {InvokeAnswer} answer */
export function tellVerified(tell, { http, body }) {
  tell(`verify state: ${http} ${body.code ?? body.status}`, http === 200 ? 'good' : 'bad');
  for (const { field, assumed, current, verdict } of body.fields ?? []) {
    if (verdict !== 'ok') tell(`${field}: ${JSON.stringify(assumed)} -> ${JSON.stringify(current)}`);
  }
}

/** Tells what a provider's event led to. @param {Tell} tell @param {{ readonly type: string, readonly answer: InvokeAnswer }} facts */
export function tellEvent(tell, { type, answer: { http, body } }) {
  tell(`webhook to Invoke: ${type}`);
  tell(`answer: ${http} ${body.code ?? body.status}`, http === 200 ? 'good' : 'bad');
}

/** @param {Set<string>} told @param {string} what */
function isNews(told, what) {
  const news = !told.has(what);
  told.add(what);
  return news;
}

/**
 * A machine word as people say it: `http_503`, `connection_lost`. Whole sentences stay as they are.
 * @param {string} text
 */
export function inWords(text) {
  if (!/^\w+$/.test(text)) return text;
  return text.replace(/^http_(\d+)$/, 'HTTP $1').replaceAll('_', ' ');
}
