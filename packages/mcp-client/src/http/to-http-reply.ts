import type { CapabilityCard } from '@invoke/contract';
import type { ToolReply } from '@invoke/core/domain';
import { readHeader, type Exchanged } from '../wire/exchange.js';
import { MAX_ANSWER_BYTES } from '../wire/limits.js';
import { readContent } from '../wire/read-content.js';

/**
 * What a plain HTTP tool said. For JSON the value *is* the body; see `readContent` for the rest. A status below 400 with a
 * body that cannot be read is an invalid response; with an error status it stays an answer, because the status is what
 * counts. Redirects are never followed: a card that declares one harmless gets it as an answer, otherwise it is a failure.
 */
export function toHttpReply(exchanged: Exchanged, card: CapabilityCard): ToolReply {
  if (exchanged.kind === 'failure') return exchanged;
  const { status } = exchanged.head;
  if (status >= 300 && status < 400 && !(card.answers.no_effect_statuses ?? []).includes(status)) {
    return failed('redirect', `the tool answered with a redirect (${status}), which is not followed`);
  }
  const contentType = readHeader(exchanged.head, 'content-type');
  const content = readContent(contentType, exchanged.bytes);
  if (content.kind === 'invalid' && status < 300) return failed('invalid_response', content.message);
  const readable = content.kind === 'content' ? content : readContent('text/plain', exchanged.bytes);
  if (readable.kind === 'invalid') return failed('invalid_response', readable.message);
  if (readable.text.length > MAX_ANSWER_BYTES) return failed('too_large', 'the answer is larger than 5 MiB');
  return { kind: 'answer', status, isError: false, text: readable.text, value: readable.value };
}

function failed(reason: 'redirect' | 'invalid_response' | 'too_large', message: string): ToolReply {
  return { kind: 'failure', sent: true, reason, message };
}
