import { describe, expect, test } from 'vitest';
import { fingerprintOf } from '../http/seen-before.js';
import { createKeyGuesses } from './key-guesses.js';

const from = (address: string) =>
  ({ peer: () => address, header: () => undefined }) as unknown as Parameters<
    ReturnType<typeof createKeyGuesses>['wrong']
  >[0];

function open(perMinute = 3) {
  const clock = { now: 1_000 };
  const told: unknown[] = [];
  const log = {
    info: () => undefined,
    error: () => undefined,
    warn: (...line: unknown[]) => void told.push(line),
  };
  const guesses = createKeyGuesses({ perMinute, trusted: null, log, now: () => clock.now });
  return { guesses, clock, told };
}

/** Two keys that whoever knows the program can find. */
function sameFingerprint(): readonly [string, string] {
  const seen = new Map<number, string>();
  for (let n = 0; ; n++) {
    const key = `inv_${n}`;
    const before = seen.get(fingerprintOf(key));
    if (before !== undefined) return [before, key];
    seen.set(fingerprintOf(key), key);
  }
}

describe('createKeyGuesses', () => {
  test('says when the next key is looked at, and keeps its word', () => {
    const { guesses, clock } = open();
    for (let n = 0; n < 3; n++) {
      expect(guesses.refuse(from('203.0.113.1'), `k${n}`)).toBeNull();
      guesses.wrong(from('203.0.113.1'), `k${n}`);
    }
    expect(guesses.refuse(from('203.0.113.1'), 'k4')).toMatchObject({
      code: 'rate_limited',
      details: { retry_after: 20 },
    });
    expect(guesses.refuse(from('203.0.113.2'), 'k4')).toBeNull();
    clock.now += 20_000;
    expect(guesses.refuse(from('203.0.113.1'), 'k4')).toBeNull();
  });

  test('the log has one line a minute of each address, however many keys are tried', () => {
    const { guesses, clock, told } = open();
    for (let n = 0; n < 1_000; n++) {
      guesses.wrong(from('203.0.113.1'), `k${n}`);
      clock.now += 50;
    }
    expect(told).toEqual([['wrong_keys', { address: '203.0.113.1', per_minute: 3 }]]);
    clock.now += 30_000;
    for (let n = 0; n < 10; n++) guesses.wrong(from('203.0.113.1'), `other ${n}`);
    expect(told).toHaveLength(2);
  });

  test('of many addresses with a key each the latest are remembered, and no more than ten thousand', () => {
    const { guesses, clock } = open(1);
    for (let n = 0; n < 300_000; n++) {
      guesses.wrong(from(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`), `key ${n}`);
    }
    // The latest are the ones that are remembered.
    expect(guesses.refuse(from('10.4.147.223'), 'k')).not.toBeNull();
    expect(guesses.refuse(from('10.0.0.1'), 'k')).toBeNull();
    clock.now += 61_000;
    expect(guesses.refuse(from('10.4.147.223'), 'k')).toBeNull();
  });

  test('one who asks again and again with a key that has ended slows down nobody else', () => {
    const { guesses, clock } = open();
    const here = from('203.0.113.1');
    for (let n = 0; n < 20; n++) {
      if (guesses.refuse(here, 'ended') === null) guesses.wrong(here, 'ended');
      clock.now += 100;
    }
    expect(guesses.refuse(here, 'ended')).not.toBeNull();
    expect(guesses.refuse(here, 'never seen here')).toBeNull();
  });

  test('a key that was right and has ended is slowed down like any other, by itself', () => {
    const { guesses } = open();
    const here = from('203.0.113.1');
    guesses.right('ended');
    for (let n = 0; n < 20 && guesses.refuse(here, 'ended') === null; n++) guesses.wrong(here, 'ended');
    expect([guesses.knows('ended'), guesses.refuse(here, 'ended')]).toEqual([
      false,
      expect.objectContaining({ code: 'rate_limited' }),
    ]);
    expect(guesses.refuse(here, 'never seen here')).toBeNull();
    guesses.right('ended');
    expect(guesses.refuse(here, 'ended')).toBeNull();
  });

  test('a guess that is made to look like a key of its own is a guess', () => {
    const { guesses } = open();
    const [own, made] = sameFingerprint();
    guesses.right(own);
    expect([guesses.knows(own), guesses.knows(made)]).toEqual([true, false]);
  });

  test('no key is no guess', () => {
    const { guesses } = open(1);
    for (let n = 0; n < 5; n++) guesses.wrong(from('203.0.113.1'), '');
    expect([guesses.knows(''), guesses.refuse(from('203.0.113.1'), '')]).toEqual([true, null]);
  });
});
