import type { JsonObject } from '@invoke/contract';
import { valueAt } from '../tool/find-fields.js';

export interface OwnReference {
  /** JSON Pointer to where the answer of a lookup holds the reference of the call; undefined where that is not declared. */
  readonly at: string | undefined;
  /** The reference that we sent along. */
  readonly reference: string;
}

export type Ownership =
  { readonly kind: 'ours' } | { readonly kind: 'not_ours' | 'unclear'; readonly why: string };

/**
 * Whether what a lookup found is what our call made. Something that matches but carries another reference was made by
 * somebody else, and must not pass for our effect.
 */
export function decideOwnership(state: JsonObject, { at, reference }: OwnReference): Ownership {
  if (at === undefined) return { kind: 'ours' };
  const found = valueAt(state, at);
  if (found === undefined || found === null) {
    return { kind: 'unclear', why: `the answer holds no reference at ${at}` };
  }
  if (found === reference) return { kind: 'ours' };
  return { kind: 'not_ours', why: `what was found carries the reference of somebody else at ${at}` };
}
