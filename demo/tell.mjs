/** @import { ExecutionView } from '@invoke/contract' */
/** @import { InvokeAnswer, Line, Tell } from './types.ts' */

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
  if (body.code !== undefined && body.execution_id === undefined) {
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
