import type { Store } from '@invoke/core/ports';

/** A fresh, empty store, and what a test has to know of it. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: Store;
  /** True where whoever enlists ends all others. */
  readonly soleOwner: boolean;
  /** Lets this much time pass on the store's clock. */
  elapse(ms: number): Promise<void>;
}

export type OpenStore = () => Promise<StoreUnderTest>;
