import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact, redactText } from './redact.js';

const SECRETS = [
  'inv_live_abcdefgh12345678',
  'sk_live_51Habcdefgh',
  'ghp_abcdefghijklmnop1234',
  'xoxb-1234567890-abcdef',
  'lin_api_abcdefgh1234',
  'AKIAIOSFODNN7EXAMPLE',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def',
  'sb_secret_abcdefghijkl',
];

describe('redaction', () => {
  test.each(SECRETS)('%s is masked wherever it stands in a text', (secret) => {
    expect(redactText(`before ${secret} after`)).toBe('before [redacted] after');
  });
  test('by field name, at any depth; what is no secret stays', () => {
    expect(
      redact({
        title: 'x',
        password: 'hunter2',
        nested: { Authorization: 'Bearer abc.def.ghi', list: [{ api_key: 'k', n: 1 }] },
        token: null,
        has_token: true,
      }),
    ).toEqual({
      title: 'x',
      password: '[redacted]',
      nested: { Authorization: '[redacted]', list: [{ api_key: '[redacted]', n: 1 }] },
      token: null,
      has_token: true,
    });
  });
  test("by the card's pointers", () => {
    expect(redact({ patient: { name: 'A', ward: 3 }, 'a/b': 1 }, ['/patient/name', '/a~1b'])).toEqual({
      patient: { name: '[redacted]', ward: 3 },
      'a/b': '[redacted]',
    });
  });
  test('the user part of a URL', () => {
    expect(redactText('postgres://me:pw@db.example/x')).toBe('postgres://[redacted]@db.example/x');
  });
  test('Bearer without any other sign', () => {
    expect(redactText('Bearer abcdefghij')).toBe('[redacted]');
  });
});

test('a planted secret never survives, whatever surrounds it', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.constantFrom(...SECRETS),
      fc.constantFrom('note', 'a', 'x_y'),
      (around, secret, name) => {
        const text = JSON.stringify(redact({ [name]: ` ${secret} `, around, deep: [[{ v: secret }]] }));
        expect(text).not.toContain(secret);
      },
    ),
  );
});

describe('a text that is made to take long', () => {
  const LENGTH = 1_000_000;
  test.each([
    ['words and dots', 'a.'],
    ['beginnings of tokens', 'eyJ-'],
    ['long beginnings of tokens', 'eyJabcdefgh.'],
    ['schemes', 'a://'],
    ['beginnings of keys', '-----BEGIN A PRIVATE KEY'],
    ['Bearer and blanks', 'Bearer  '],
    ['prefixes', 'sk_live_'],
  ])('%s: it is read in a time that grows with its length', (_, piece) => {
    const text = `_ ${piece.repeat(LENGTH / piece.length)}`;
    const began = performance.now();
    redactText(text);
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});
