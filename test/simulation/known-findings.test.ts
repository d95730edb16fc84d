import { describe, expect, test } from 'vitest';
import { KNOWN_FINDINGS } from './known-findings.js';
import { findViolations } from './support/find-violations.js';
import { runPlan } from './support/run-plan.js';

describe.each(KNOWN_FINDINGS)('still found, so that it is still excused: $id', ({ plans }) => {
  test.each(plans)('$name', async ({ plan }) => {
    const violations = findViolations(await runPlan(plan));
    expect(violations, 'it is mended: take it out of the known findings').not.toEqual([]);
  });
});
