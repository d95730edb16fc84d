import { test } from 'vitest';
import type { RequirementId } from '../requirements.js';

/** A test that proves what is promised under these ids; requirements.test.ts reads them from the source. */
export function verifies(
  ids: RequirementId | readonly RequirementId[],
  name: string,
  prove: () => Promise<void>,
): void {
  // oxlint-disable-next-line vitest/expect-expect -- The proof is the caller's.
  test(`${[ids].flat().join(', ')}: ${name}`, prove);
}
