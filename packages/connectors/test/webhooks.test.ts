import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { signWebhook } from '../src/webhooks/sign-webhook.js';
import { verifyWebhook } from '../src/webhooks/verify-webhook.js';
import { parseWebhookSecret, parseWebhookSecrets } from '../src/webhooks/webhook-secret.js';

/** The published example of the specification (standard-webhooks, "signature scheme"). */
const VECTOR = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

function keyOf(secret: string): Uint8Array {
  const key = parseWebhookSecret(secret);
  if (key === null) throw new Error(`${secret} is malformed`);
  return key;
}

const KEY = keyOf(VECTOR.secret);
const AT = VECTOR.timestamp * 1000;

test('signs as the specification says', () => {
  expect(signWebhook(VECTOR, [KEY], AT)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('signs once for each key while a secret is being changed', () => {
  const both = signWebhook(VECTOR, [KEY, new Uint8Array(24)], AT)['webhook-signature'].split(' ');
  expect(both).toHaveLength(2);
  expect(both[0]).toBe(VECTOR.signature);
});

test('signs and verifies like the library of the project Standard Webhooks', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme-ascii' }).filter((s) => /^[!-~]+$/.test(s)),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array({ minLength: 24, maxLength: 64 }),
      (id, text, key) => {
        const body = Buffer.from(text).toString('utf8');
        const library = new Webhook(Buffer.from(key).toString('base64'));
        const headers = signWebhook({ id, body }, [key], Date.now());
        expect(() => library.verify(body, { ...headers }, { jsonParse: false })).not.toThrow();
        const timestamp = Math.floor(Date.now() / 1000);
        const signature = library.sign(id, new Date(timestamp * 1000), body);
        const request = { id, timestamp: String(timestamp), signature, body: Buffer.from(body) };
        expect(verifyWebhook(request, [key], Date.now())).toBe(true);
      },
    ),
  );
});

describe('verifying', () => {
  const GOOD = {
    id: VECTOR.id,
    timestamp: String(VECTOR.timestamp),
    signature: VECTOR.signature,
    body: Buffer.from(VECTOR.body),
  };
  const other = `v1,${Buffer.alloc(32).toString('base64')}`;
  const CELLS = [
    { cell: 'V1', change: {}, at: AT, valid: true, why: 'the published example' },
    { cell: 'V2', change: {}, at: AT + 300_999, valid: true, why: 'five minutes late' },
    { cell: 'V3', change: {}, at: AT - 300_000, valid: true, why: 'five minutes early' },
    { cell: 'V4', change: {}, at: AT + 301_000, valid: false, why: 'too late' },
    { cell: 'V5', change: {}, at: AT - 301_000, valid: false, why: 'too early' },
    { cell: 'V6', change: { id: 'msg_2' }, at: AT, valid: false, why: 'the id is signed' },
    { cell: 'V7', change: { timestamp: '1614265331' }, at: AT, valid: false, why: 'the time is signed' },
    { cell: 'V8', change: { timestamp: '1614265330.0' }, at: AT, valid: false, why: 'not whole seconds' },
    { cell: 'V9', change: { timestamp: ' 1614265330' }, at: AT, valid: false, why: 'not as it was signed' },
    { cell: 'V10', change: { timestamp: '' }, at: AT, valid: false, why: 'no time' },
    { cell: 'V11', change: { body: Buffer.from('{}') }, at: AT, valid: false, why: 'another body' },
    {
      cell: 'V12',
      change: { signature: `${other} ${VECTOR.signature}` },
      at: AT,
      valid: true,
      why: 'one of two',
    },
    { cell: 'V13', change: { signature: other }, at: AT, valid: false, why: 'another signature' },
    {
      cell: 'V14',
      change: { signature: VECTOR.signature.slice(3) },
      at: AT,
      valid: false,
      why: 'no version',
    },
    {
      cell: 'V15',
      change: { signature: `v1a,${VECTOR.signature.slice(3)}` },
      at: AT,
      valid: false,
      why: 'v1a',
    },
    {
      cell: 'V16',
      change: { signature: VECTOR.signature.slice(0, -4) },
      at: AT,
      valid: false,
      why: 'cut short',
    },
    { cell: 'V17', change: { signature: undefined }, at: AT, valid: false, why: 'not signed' },
    { cell: 'V18', change: { id: undefined }, at: AT, valid: false, why: 'no id' },
    {
      cell: 'V19',
      change: { signature: `${`${other} `.repeat(16)}${VECTOR.signature}` },
      at: AT,
      valid: false,
      why: 'more signatures than are looked at',
    },
  ] as const;

  test.each(CELLS)('$cell $why', ({ change, at, valid }) => {
    expect(verifyWebhook({ ...GOOD, ...change }, [KEY], at)).toBe(valid);
  });

  test('takes any of its own keys, and nothing without one', () => {
    expect(verifyWebhook(GOOD, [new Uint8Array(24), KEY], AT)).toBe(true);
    expect(verifyWebhook(GOOD, [new Uint8Array(24)], AT)).toBe(false);
    expect(verifyWebhook(GOOD, [], AT)).toBe(false);
  });
});

describe('a secret', () => {
  const bytes = (n: number) => Buffer.alloc(n, 1).toString('base64');
  test.each([
    [`whsec_${bytes(24)}`, 24],
    [`whsec_${bytes(64)}`, 64],
    [`whsec_${bytes(32).replace('=', '')}`, 32],
    [`whsec_${bytes(23)}`, null],
    [`whsec_${bytes(65)}`, null],
    [bytes(32), null],
    [`whsk_${bytes(32)}`, null],
    [`whsec_${bytes(32)} `, null],
    [`whsec_${bytes(32)}!`, null],
    [`whsec_${'A'.repeat(33)}`, null],
    ['whsec_', null],
    ['', null],
  ])('%s has %s bytes', (secret, length) => {
    expect(parseWebhookSecret(secret)?.length ?? null).toBe(length);
  });

  test('may be several, of which none may be malformed', () => {
    expect(parseWebhookSecrets(` whsec_${bytes(24)}  whsec_${bytes(32)} `)?.map((k) => k.length)).toEqual([
      24, 32,
    ]);
    expect(parseWebhookSecrets(`whsec_${bytes(24)} nonsense`)).toBeNull();
    expect(parseWebhookSecrets('')).toBeNull();
  });
});
