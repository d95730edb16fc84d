import type { JsonObject } from '@invoke/contract';
import type { Notice } from './notice.js';
import { shorten, visible } from './visible.js';

/** Slack's limits for a text object: 3,000 characters in a section, 2,000 in a field of one, 10 fields. */
const LONGEST_FIELD = 300;
const LONGEST_BLOCK = 2_800;

/**
 * A message for a Slack incoming webhook (Block Kit). What comes from a call is escaped as Slack says (`&`, `<`, `>`: no
 * link, no mention), cannot end a code block, cannot break a line, and is not made into links (`verbatim`).
 */
export function toSlackBody(notice: Notice): JsonObject {
  const { title, subjectId, facts, params, url, command } = notice;
  const fields = facts.map(([name, value]) => mrkdwn(`*${name}*\n${escaped(value, LONGEST_FIELD)}`));
  const ways = [`Run \`${command}\``, ...(url === null ? [] : [`<${url}|Open in Invoke>`])];
  return {
    text: escaped(`${title} (${subjectId})`, LONGEST_FIELD),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title, emoji: false } },
      { type: 'section', fields },
      ...(params === null ? [] : [section(`*Params*\n${codeBlock(params)}`)]),
      section(ways.join('\n')),
    ],
  };
}

function section(text: string): JsonObject {
  return { type: 'section', text: mrkdwn(text) };
}

function mrkdwn(text: string): JsonObject {
  return { type: 'mrkdwn', text, verbatim: true };
}

function escaped(text: string, most: number): string {
  const safe = visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return shorten(safe, most).replace(/&[a-z]*\.\.\.$/, '...');
}

/** Slack knows no escape for a backtick. */
function codeBlock(text: string): string {
  return `\`\`\`${escaped(text.replaceAll('`', '\\u{60}'), LONGEST_BLOCK)}\`\`\``;
}
