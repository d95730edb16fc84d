import { fullAccess } from '@invoke/core/domain';
import { expect, test } from 'vitest';
import { readExecution } from './holding.js';

const A = fullAccess('key a');
const B = fullAccess('key b');

test('one key does not keep the others from being held, and beyond a number nobody is', async () => {
  const asked: (number | undefined)[] = [];
  const ends: (() => void)[] = [];
  const engine = {
    execution(_principal: unknown, _id: string, ms?: number) {
      asked.push(ms);
      return ms === undefined
        ? Promise.resolve(null)
        : new Promise<null>((resolve) => ends.push(() => resolve(null)));
    },
  };
  const ask = (principal: typeof A) => readExecution('exec_1', { engine, principal, ms: 1_000 });
  const held: Promise<unknown>[] = Array.from({ length: 50 }, () => ask(A));
  await ask(A);
  held.push(ask(B));
  expect([asked.filter((ms) => ms === 1_000).length, asked.at(-2), asked.at(-1)]).toEqual([
    51,
    undefined,
    1_000,
  ]);
  for (let n = 0; n < 149; n++) held.push(ask(fullAccess(`key ${n % 3}`)));
  await ask(B);
  expect([ends.length, asked.at(-1)]).toEqual([200, undefined]);
  for (const end of ends) end();
  await Promise.all(held);
  void ask(A);
  expect(asked.at(-1)).toBe(1_000);
  ends.at(-1)?.();
});
