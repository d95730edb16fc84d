import { InvokeError } from './errors.js';

/**
 * For the end of a switch over `status`: it does not compile while a status is left over.
 *
 * @example
 * switch (result.status) {
 *   case 'completed': ...
 *   default: return unhandled(result);
 * }
 * @throws InvokeError always: a newer gateway may know more than this version
 */
export function unhandled(outcome: never): never {
  const { status } = (outcome ?? {}) as { readonly status?: unknown };
  throw new InvokeError({
    code: 'unhandled_status',
    message: `Nothing handles the status ${JSON.stringify(status)}.`,
    retry: 'never',
  });
}
