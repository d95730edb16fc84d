import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_CELLS } from './access-cells.js';
import { APPROVAL_CELLS } from './approval-cells.js';
import { IDEMPOTENCY_CELLS } from './idempotency-cells.js';
import { POLICY_CELLS } from './policy-cells.js';
import type { Cell, Cells } from './support/cell.js';
import { expectAnswer, expectOneTrace, expectUnharmed } from './support/expect-answer.js';
import { PREFIXES, ROWS, toRequest, type AttackRow, type Prefix } from './support/rows.js';
import { openWorld, type World } from './support/world.js';

/** Bad inputs, and good ones beside them, against a real gateway with tools that count. */
const CELLS: Cells = { ...ACCESS_CELLS, ...POLICY_CELLS, ...IDEMPOTENCY_CELLS, ...APPROVAL_CELLS };

const NONE: Cell = {};

/** Rows that need a driver of their own: see the other files of this folder. */
const DRIVEN = ['IDEM-005', 'IDEM-006', 'APPR-007', 'APPR-023', 'APPR-027', 'APPR-028'];

/** All others. */
const PLAIN = ROWS.filter((row) => !DRIVEN.includes(row.id));

test('every row is played, here or by a driver, and no cell belongs to a row that is gone', () => {
  const needDriver = ROWS.filter(({ method }) => method === 'GEN' || method === 'SQL');
  expect(needDriver.map((row) => row.id)).toEqual(DRIVEN);
  const ids = new Set(ROWS.map((row) => row.id));
  expect(ids.size).toBe(79);
  expect(Object.keys(CELLS).filter((id) => !ids.has(id))).toEqual([]);
});

describe.each(PREFIXES)('paths under "%s"', (prefix) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  test.each(PLAIN)('$id: $expect_status $expect_problem: $expect_note', async (row) => {
    await expectRow(row, prefix, world);
  });

  test('after all of them, no key stands in the log', async () => {
    expect(await world.log()).not.toContain('inv_attack_');
  });
});

async function expectRow(row: AttackRow, prefix: Prefix, world: World): Promise<void> {
  const cell = CELLS[row.id] ?? NONE;
  const fixtures = (await cell.arrange?.(world, prefix)) ?? {};
  const line = toRequest(row, prefix, fixtures);
  for (const request of cell.requests?.(line, fixtures) ?? [line]) {
    const before = world.tools.counts();
    const answer = await world.request(request);
    expectAnswer(answer, row);
    expect(since(before, world.tools.counts())).toEqual(
      typeof cell.executed === 'function' ? cell.executed(request) : (cell.executed ?? {}),
    );
    if (request.path.endsWith('/call')) await expectOneTrace(world, answer);
    await cell.check?.({ row, prefix, answer, fixtures, world });
    await expectUnharmed(world);
  }
}

function since(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>) {
  const changed = Object.entries(after).filter(([tool, n]) => n !== (before[tool] ?? 0));
  return Object.fromEntries(changed.map(([tool, n]) => [tool, n - (before[tool] ?? 0)]));
}
