import type { EngineDeps } from './deps.js';

/**
 * Writes what makes this gateway the driver of an execution. Until the answer is there, the execution may be ours without
 * anybody driving it, and the sweep leaves it alone.
 */
export async function whilePending<T>(
  executionId: string,
  write: () => Promise<T>,
  { pending }: Pick<EngineDeps, 'pending'>,
): Promise<T> {
  pending.add(executionId);
  try {
    return await write();
  } finally {
    pending.delete(executionId);
  }
}
