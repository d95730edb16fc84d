import type { RegistryStore } from '../../ports/registry-store.js';
import { expect, test } from 'vitest';
import { epochMs } from '../../domain/time.js';
import { createKeyUses } from './key-uses.js';

type Told = Parameters<RegistryStore['touchKeys']>[0];

test('each key is told of once, with its last use, and never twice for the same use', async () => {
  const uses = createKeyUses();
  const told: Told[] = [];
  const registry = { touchKeys: async (batch: Told) => void told.push(batch) };
  await uses.tell(registry);
  uses.note('a', epochMs(1));
  uses.note('b', epochMs(2));
  uses.note('a', epochMs(3));
  await uses.tell(registry);
  await uses.tell(registry);
  expect(told).toEqual([
    [
      { id: 'a', at: 3 },
      { id: 'b', at: 2 },
    ],
  ]);
});
