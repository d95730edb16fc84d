import { describe, expect, test } from 'vitest';
import { FOUND_BEFORE } from './found-before.js';
import { findViolations } from './support/find-violations.js';
import { runPlan } from './support/run-plan.js';

describe.each(FOUND_BEFORE)('mended, and stays so: $id', ({ plans }) => {
  test.each(plans)('$name', async ({ plan }) => {
    expect(findViolations(await runPlan(plan), plan)).toEqual([]);
  });
});
