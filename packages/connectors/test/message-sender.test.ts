import type { OutboxChannel, OutboxMessage } from '@invoke/core/ports';
import { epochMs } from '@invoke/core/domain';
import { describe, expect, test } from 'vitest';
import { createMessageSender, type PostChecked } from '../src/notify/create-message-sender.js';
import { parseRetryAfter } from '../src/notify/retry-after.js';

const NOW = 1_700_000_000_500;

function message(channel: OutboxChannel): OutboxMessage {
  const body = { text: 'a "b" ü' };
  return { id: 'msg_1', tenant: 't', channel, topic: 'approval.requested', body, createdAt: epochMs(NOW) };
}

function sender(post: PostChecked, keys: readonly Uint8Array[] = []) {
  return createMessageSender({
    slackUrl: 'https://hooks.example/services/T/B/slack-secret',
    emailUrl: 'https://mail.example/send?key=mail-secret',
    eventsUrl: null,
    keys,
    post,
    now: () => NOW,
    close: () => Promise.resolve(),
  });
}

const status = (code: number, retryAfter = ''): PostChecked => {
  return () => Promise.resolve({ kind: 'response', status: code, header: () => retryAfter });
};

describe('what an answer means', () => {
  const CELLS = [
    { cell: 'M1', answer: status(200), expected: { kind: 'delivered' } },
    { cell: 'M2', answer: status(204), expected: { kind: 'delivered' } },
    { cell: 'M3', answer: status(301), expected: failed('answered with status 301') },
    { cell: 'M4', answer: status(400), expected: failed('answered with status 400') },
    { cell: 'M5', answer: status(410), expected: { kind: 'gone', why: 'answered 410 Gone' } },
    { cell: 'M6', answer: status(429, '17'), expected: failed('answered with status 429', 17_000) },
    { cell: 'M7', answer: status(503), expected: failed('answered with status 503') },
  ];

  function failed(why: string, afterMs: number | null = null) {
    return { kind: 'failed', why, afterMs };
  }

  test.each(CELLS)('$cell', async ({ answer, expected }) => {
    expect(await sender(answer).send(message('email'))).toEqual(expected);
  });

  test('a connection that fails is told without the URL', async () => {
    const broken: PostChecked = () => Promise.resolve({ kind: 'failure', reason: 'connection_refused' });
    expect(await sender(broken).send(message('slack'))).toEqual(failed('connection_refused'));
  });
});

test('posts the body as JSON within ten seconds, to the address of the channel', async () => {
  const posted: Parameters<PostChecked>[0][] = [];
  const remember: PostChecked = (request) => {
    posted.push(request);
    return status(200)(request);
  };
  const { channels, send } = sender(remember, [new Uint8Array(24)]);
  expect([...channels]).toEqual(['slack', 'email']);
  await send(message('slack'));
  await send(message('email'));
  expect(posted.map((p) => [p.url.href, p.body, p.deadlineMs])).toEqual([
    ['https://hooks.example/services/T/B/slack-secret', '{"text":"a \\"b\\" ü"}', 10_000],
    ['https://mail.example/send?key=mail-secret', '{"text":"a \\"b\\" ü"}', 10_000],
  ]);
  expect(Object.keys(posted[0]?.headers ?? {})).toEqual(['content-type', 'user-agent']);
  expect(posted[1]?.headers).toMatchObject({ 'webhook-id': 'msg_1', 'webhook-timestamp': '1700000000' });
});

test('mail is sent unsigned where there is no secret, and still carries its id', async () => {
  let headers: Readonly<Record<string, string>> = {};
  const remember: PostChecked = (request) => {
    ({ headers } = request);
    return status(200)(request);
  };
  await sender(remember).send(message('email'));
  expect(headers['webhook-id']).toBe('msg_1');
  expect(headers).not.toHaveProperty('webhook-signature');
});

test('a channel that is not configured any more is gone', async () => {
  const result = await sender(status(200)).send(message('events'));
  expect(result).toEqual({ kind: 'gone', why: 'the channel events is not configured' });
});

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5_000],
    ['999999999', 604_800_000],
    ['Tue, 14 Nov 2023 22:13:30 GMT', 9_500],
    ['Tue, 14 Nov 2023 22:13:10 GMT', 0],
    ['', null],
    ['soon', null],
    ['-5', null],
    ['1.5', null],
    ['2023-11-14', null],
  ])('%j asks for %s ms', (header, ms) => {
    expect(parseRetryAfter(header, NOW)).toBe(ms);
  });
});
