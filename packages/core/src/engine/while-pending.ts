import type { EngineDeps } from './deps.js';

/**
 * Writes what makes this gateway the driver of an execution. Until the answer is there, the execution may be ours without
 * anybody driving it, and the sweep leaves it alone.
 */
export function whilePending<T>(
  executionId: string,
  write: () => Promise<T>,
  { pending }: Pick<EngineDeps, 'pending'>,
): Promise<T> {
  pending.add(executionId);
  return write().then(
    (result) => {
      pending.delete(executionId);
      return result;
    },
    (error: unknown) => {
      pending.delete(executionId);
      throw error;
    },
  );
}
