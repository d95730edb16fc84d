import type { JsonObject } from '@invoke/contract';
import type { Notice } from './notice.js';
import { visible, visibleDeep } from './visible.js';

/**
 * A message for an email webhook: plain text, no HTML. The subject is fixed words and an id of ours, so that nothing of a
 * call can get into a mail header; hidden characters are shown, in the data too, because a template may print it.
 */
export function toEmailBody(notice: Notice, data: JsonObject): JsonObject {
  const { title, subjectId, facts, params, url, command } = notice;
  const lines = [
    title,
    '',
    ...facts.map(([name, value]) => `${name}: ${visible(value)}`),
    ...(params === null ? [] : [`Params: ${visible(params)}`]),
    '',
    `Run: ${command}`,
    ...(url === null ? [] : [`Open: ${url}`]),
  ];
  return {
    subject: `Invoke: ${title} (${subjectId})`,
    text: lines.join('\n'),
    ...(visibleDeep(data) as JsonObject),
  };
}
