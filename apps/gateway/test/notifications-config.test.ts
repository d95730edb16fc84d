import { describe, expect, test } from 'vitest';
import { parseConfig } from '../src/config.js';

const KEYS = { INVOKE_API_KEYS: 'inv_full_0123456789' };
const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const EVENTS = { INVOKE_EVENTS_WEBHOOK_URL: 'https://events.example/hook' };

function problems(env: Record<string, string>): readonly string[] {
  const parsed = parseConfig({ ...KEYS, ...env });
  return parsed.kind === 'invalid' ? parsed.problems : [];
}

test('addresses are taken as they stand, and channels without one do not exist', () => {
  const parsed = parseConfig({
    ...KEYS,
    APPROVAL_SLACK_WEBHOOK_URL: 'https://hooks.slack.com/services/T0/B0/x/',
    ...EVENTS,
    INVOKE_EVENTS_WEBHOOK_SECRET: `${SECRET} ${SECRET}`,
  });
  expect(parsed.kind === 'ok' && { ...parsed.config.notify, keys: parsed.config.notify.keys.length }).toEqual(
    {
      slackUrl: 'https://hooks.slack.com/services/T0/B0/x/',
      emailUrl: null,
      eventsUrl: 'https://events.example/hook',
      keys: 2,
    },
  );
});

describe('the start is stopped, and the value is not shown, by', () => {
  const WRONG_URL = 'expected an http or https URL without a user and a password';
  const CELLS = [
    {
      cell: 'a secret that is none',
      env: { ...EVENTS, INVOKE_EVENTS_WEBHOOK_SECRET: 'whsec_hunter2' },
      expected:
        'INVOKE_EVENTS_WEBHOOK_SECRET: expected whsec_ and 24 to 64 bytes as base64; several are separated by spaces',
    },
    {
      cell: 'events without a secret',
      env: EVENTS,
      expected:
        'INVOKE_EVENTS_WEBHOOK_SECRET: events are only sent signed; set it to whsec_ and 24 to 64 bytes as base64',
    },
    {
      cell: 'an address of another scheme',
      env: { APPROVAL_SLACK_WEBHOOK_URL: 'ftp://hunter2/' },
      expected: `APPROVAL_SLACK_WEBHOOK_URL: ${WRONG_URL}`,
    },
    {
      cell: 'an address with a password',
      env: { APPROVAL_EMAIL_WEBHOOK_URL: 'https://me:hunter2@mail.example/' },
      expected: `APPROVAL_EMAIL_WEBHOOK_URL: ${WRONG_URL}`,
    },
  ];

  test.each(CELLS)('$cell', ({ env, expected }) => {
    expect(problems(env)).toEqual([expected]);
  });
});
