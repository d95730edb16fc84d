/** One page of a list; `nextCursor` leads to the following one, null on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** A list that is fetched as it is read: item by item, or page by page. */
export interface Pager<T> extends AsyncIterable<T> {
  byPage(): AsyncIterable<Page<T>>;
}

/** @param fetchPage gets the page at a cursor; undefined stands for the first one */
export function createPager<T>(fetchPage: (cursor: string | undefined) => Promise<Page<T>>): Pager<T> {
  async function* pages(): AsyncGenerator<Page<T>> {
    let cursor: string | undefined;
    do {
      const page = await fetchPage(cursor);
      yield page;
      // A cursor that leads to itself would never end.
      const next: string | null = page.nextCursor;
      cursor = next === null || next === cursor ? undefined : next;
    } while (cursor !== undefined);
  }
  async function* items(): AsyncGenerator<T> {
    for await (const page of pages()) yield* page.items;
  }
  return { [Symbol.asyncIterator]: items, byPage: pages };
}
