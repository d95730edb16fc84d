import { MASK, type ToolAnswer, type ToolReply } from '@invoke/core/domain';

/**
 * The reply to a request that carried secrets, without them. A tool may repeat what it was sent, in a result or in an error,
 * and the result is kept and shown to agents. Status, kind and flags stay: what a reply proves does not change.
 *
 * @param forms how the secrets may be written (`formsOf`); a reply that holds none of them is the same object
 */
export function hideSecrets(reply: ToolReply, forms: readonly string[]): ToolReply {
  if (forms.length === 0) return reply;
  if (reply.kind === 'answer') return hideInAnswer(reply, forms);
  const message = hideInText(reply.message, forms);
  return message === reply.message ? reply : { ...reply, message };
}

function hideInAnswer(answer: ToolAnswer, forms: readonly string[]): ToolAnswer {
  const text = hideInText(answer.text, forms);
  if (text === answer.text && !mayBeEscaped(text, forms)) return answer;
  const read = text === answer.text ? answer.value : readAgain(text, answer.value);
  const value = hideIn(read, forms);
  if (value === answer.value) return answer;
  // The text is written anew only where it must be: digits that a double cannot hold would be lost.
  return { ...answer, value, text: value === read ? text : JSON.stringify(value) };
}

/**
 * Whether the text of an answer may show a form in another way than as it is. Most backslashes are those of line ends and
 * quotes, which a form without either is not hidden by, however often it is escaped: looking at each string of 5 MB takes 0.2 s.
 */
function mayBeEscaped(text: string, forms: readonly string[]): boolean {
  if (!text.includes('\\')) return false;
  return text.includes('\\u') || text.includes('\\/') || forms.some((form) => /["\\]/.test(form));
}

/** A secret of digits leaves a hole where a number was. */
function readAgain(text: string, before: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return before;
  }
}

/** The same value where it holds nothing. Numbers are looked at, too: there are secrets of digits only. */
function hideIn(value: unknown, forms: readonly string[]): unknown {
  if (typeof value === 'string') return hideInText(value, forms);
  if (typeof value === 'number') return holdsOne(String(value), forms) ? MASK : value;
  if (typeof value !== 'object' || value === null) return value;
  let changed = false;
  const entries = Object.entries(value).map(([name, child]): [string, unknown] => {
    const entry: [string, unknown] = [hideInText(name, forms), hideIn(child, forms)];
    changed ||= entry[0] !== name || entry[1] !== child;
    return entry;
  });
  if (!changed) return value;
  return Array.isArray(value) ? entries.map(([, child]) => child) : Object.fromEntries(entries);
}

function hideInText(text: string, forms: readonly string[]): string {
  let clean = text;
  for (const form of forms) if (clean.includes(form)) clean = clean.replaceAll(form, MASK);
  return clean;
}

function holdsOne(text: string, forms: readonly string[]): boolean {
  return forms.some((form) => text.includes(form));
}
