import { StorageUnavailable } from '@invoke/core/ports';

/** What a store's caller gets to see of a failure of the database. */
export function toUnavailable(cause: unknown): StorageUnavailable {
  if (cause instanceof StorageUnavailable) return cause;
  return new StorageUnavailable(cause instanceof Error ? cause.message : String(cause), { cause });
}
