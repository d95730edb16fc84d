import type { Charge } from '../../domain/budget/charge.js';
import { StorageUnavailable } from '../../ports/store.js';
import type { EngineDeps } from '../deps.js';

/**
 * Gives charges back: of a call that did not win its claim, and of an execution that has ended without effect
 * (`chargesToGiveBack`). Only whoever made that durable may call it, once. A store that does not answer leaves the budget
 * charged until its window ends; it never changes how a call is answered.
 */
export async function release(
  charges: readonly Charge[],
  { store, log }: Pick<EngineDeps, 'store' | 'log'>,
): Promise<void> {
  if (charges.length === 0) return;
  try {
    await store.usage.release(charges);
  } catch (error) {
    if (!(error instanceof StorageUnavailable)) throw error;
    log.warn('budget_not_given_back', { budgets: charges.map((c) => c.budget), why: error.message });
  }
}
