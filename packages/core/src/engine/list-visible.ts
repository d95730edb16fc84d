/** One page of a list. */
export interface ListPage<T> {
  readonly records: readonly T[];
  /** Where the next page begins; null on the last one. A page may be short, or empty, and not be the last. */
  readonly next: string | null;
}

export interface Listing<T> {
  /** 1 to 200. */
  readonly limit: number;
  readonly before: string | null;
  isVisible(record: T): boolean;
  /** Newest first. */
  list(page: { readonly limit: number; readonly before: string | null }): Promise<readonly T[]>;
}

const LARGEST_PAGE = 200;
/** How much is read for one page, however little of it may be seen: the next one goes on from there. */
const MOST_READS = 5;

/** Reads on until the page is full of what may be seen, so that what may not be seen never ends a list. */
export async function listVisible<T extends { readonly id: string }>(
  listing: Listing<T>,
): Promise<ListPage<T>> {
  const records: T[] = [];
  let before = listing.before;
  for (let reads = 0; reads < MOST_READS; reads += 1) {
    // Most keys see everything: then one read is enough.
    const limit = reads === 0 ? listing.limit : LARGEST_PAGE;
    const found = await listing.list({ limit, before });
    for (const record of found) {
      before = record.id;
      if (listing.isVisible(record)) records.push(record);
      if (records.length === listing.limit) return { records, next: before };
    }
    if (found.length < limit) return { records, next: null };
  }
  return { records, next: before };
}
