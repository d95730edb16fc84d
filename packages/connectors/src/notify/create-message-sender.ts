import type {
  MessageSender,
  NoticeChannel,
  OutboxChannel,
  OutboxMessage,
  SendResult,
} from '@invoke/core/ports';
import { signWebhook } from '../webhooks/sign-webhook.js';
import { parseRetryAfter } from './retry-after.js';

/** One POST, over a connection whose address has been checked, without redirects. Never rejects. */
export type PostChecked = (request: {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For the whole exchange, in milliseconds. */
  readonly deadlineMs: number;
}) => Promise<Posted | { readonly kind: 'failure'; readonly reason: string }>;

export interface Posted {
  readonly kind: 'response';
  readonly status: number;
  /** Empty where the header is absent; names in lower case. */
  readonly header: (name: string) => string;
}

export interface MessageSenderOptions {
  /** Where to send; a channel without an address does not exist. These URLs are secrets: who knows one can post there. */
  readonly slackUrl: string | null;
  readonly emailUrl: string | null;
  readonly eventsUrl: string | null;
  /** Keys that the messages to the events and email webhooks are signed with; none: they are not signed. */
  readonly keys: readonly Uint8Array[];
  readonly post: PostChecked;
  readonly now: () => number;
  /** Releases the connections. */
  readonly close: () => Promise<void>;
}

const DEADLINE_MS = 10_000;
const GONE = 410;

/**
 * Sends messages as JSON by POST: 2xx is delivered, 410 is gone, everything else (redirects too, which are not followed) is
 * worth another try. The id of a message goes along as `webhook-id`, the same in every delivery. What goes wrong is told
 * without the URL, because that is as good as a key.
 */
export function createMessageSender(options: MessageSenderOptions): MessageSender {
  const urls = new Map<OutboxChannel, URL>();
  const channels = new Set<NoticeChannel>();
  const add = (channel: NoticeChannel, url: string | null) => {
    if (url === null) return;
    channels.add(channel);
    urls.set(channel, new URL(url));
  };
  add('slack', options.slackUrl);
  add('email', options.emailUrl);
  add('events', options.eventsUrl);
  return {
    channels,
    async send(message) {
      const url = urls.get(message.channel);
      if (url === undefined) return { kind: 'gone', why: `the channel ${message.channel} is not configured` };
      const body = JSON.stringify(message.body);
      const headers = headersOf(message, body, options);
      return judge(await options.post({ url, headers, body, deadlineMs: DEADLINE_MS }), options.now());
    },
    close: options.close,
  };
}

function headersOf(
  { id, channel }: OutboxMessage,
  body: string,
  { keys, now }: MessageSenderOptions,
): Readonly<Record<string, string>> {
  const json = { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'invoke' };
  if (channel === 'slack') return json;
  const signed = signWebhook({ id, body }, keys, now());
  if (keys.length > 0) return { ...json, ...signed };
  return { ...json, 'webhook-id': id, 'webhook-timestamp': signed['webhook-timestamp'] };
}

function judge(posted: Awaited<ReturnType<PostChecked>>, nowMs: number): SendResult {
  if (posted.kind === 'failure') return { kind: 'failed', why: posted.reason, afterMs: null };
  const { status } = posted;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  if (status === GONE) return { kind: 'gone', why: 'answered 410 Gone' };
  const afterMs = parseRetryAfter(posted.header('retry-after'), nowMs);
  return { kind: 'failed', why: `answered with status ${status}`, afterMs };
}
