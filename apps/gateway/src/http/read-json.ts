import { isUtf8 } from 'node:buffer';
import type { Refusal } from '@invoke/contract';
import { createRecent } from '@invoke/core';
import { parseJsonObject } from '@invoke/core/domain';
import { MAX_BODY_BYTES, type Incoming } from './incoming.js';
import { createSeenBefore } from './seen-before.js';

export type JsonBody =
  | { readonly kind: 'ok'; readonly value: Record<string, unknown> }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/**
 * application/json, with no parameter but charset=utf-8. Other parameters are tolerated if they are well-formed. A blank fits
 * at one place only: were there two, a header of forty blanks and a wrong end would take for ever to be found wrong.
 */
const JSON_TYPE =
  /^application\/json[ \t]*(?:;[ \t]*(?:[a-z0-9!#$&^_.+-]+=(?:"[^"]*"|[a-z0-9!#$&^_.+-]+)[ \t]*)?)*$/i;
const CHARSET = /charset="?([^";]+)/i;

/**
 * The one reader of request bodies. JSON is read once and strictly, so that what a policy judges, what an approver sees and
 * what a tool gets can never be three readings of the same bytes (RFC 8259, RFC 7493).
 */
export async function readJson(incoming: Incoming): Promise<JsonBody> {
  const unsupported = judgeHeaders(incoming);
  if (unsupported !== null) return unsupported;
  const bytes = await incoming.body(MAX_BODY_BYTES);
  if (bytes === 'too_large')
    return refused('payload_too_large', `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  return parseJsonBytes(bytes);
}

/** Reads a JSON object from bytes that are at hand already, as strictly. */
export function parseJsonBytes(bytes: Buffer): JsonBody {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return refused('invalid_encoding', 'The body begins with a byte order mark; send plain UTF-8.');
  }
  if (!isUtf8(bytes)) return refused('invalid_encoding', 'The body is not valid UTF-8.');
  return readText(bytes.toString('utf8'));
}

/** Bodies that came again lately, by their text: a storm of retries is read twice. Nobody changes what was read. */
const recent = createRecent<string, JsonBody>(256);
const seenBefore = createSeenBefore();
const LONGEST_REMEMBERED = 4_096;
const remembered = new WeakSet<object>();

/** Whether who sends the same text once more is given this very object again. */
export function isRemembered(body: object): boolean {
  return remembered.has(body);
}

function readText(text: string): JsonBody {
  const known = recent.get(text);
  if (known !== undefined) return known;
  const parsed = parseJsonObject(text);
  if (parsed.kind !== 'ok') {
    const { code, message, at } = parsed.problem;
    return refused(code, `${message} (at character ${at})`);
  }
  if (text.length <= LONGEST_REMEMBERED && seenBefore(text)) {
    recent.set(text, parsed);
    remembered.add(parsed.value);
  }
  return parsed;
}

function judgeHeaders(incoming: Incoming): JsonBody | null {
  const type = incoming.header('content-type');
  if (type === undefined || !JSON_TYPE.test(type)) {
    return refused('unsupported_media_type', 'Send the body as Content-Type: application/json.');
  }
  const charset = CHARSET.exec(type)?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    return refused('invalid_encoding', `The body must be UTF-8, not ${charset}.`);
  }
  const encoding = incoming.header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return refused('unsupported_media_type', 'Compressed bodies are not accepted.');
  }
  return null;
}

function refused(code: Refusal['code'], message: string): JsonBody {
  return { kind: 'refused', refusal: { code, message } };
}
