/** Tells of most keys that are not stored that they are not, without asking the database. */
export interface KeyFilter {
  /** To be called before the key can be in the database. */
  add(keyDigest: string): void;
  /** False: certainly not added. True: it may have been. */
  mayHave(keyDigest: string): boolean;
  /** From now on everything that is in the database has been added; until then `mayHave` says true. */
  complete(): void;
}

const BITS_PER_KEY = 16;
/** 32 MiB of filter; whoever has more keys asks the database for each. */
const MOST_KEYS = 2 ** 24;
/** A digest is as good as several hashes of its key: these parts of it, 32 bits each. */
const PARTS = [0, 8, 16, 24] as const;
const PART_CHARS = 8;

class Layer {
  readonly #words: Uint32Array;
  readonly #mask: number;
  #room: number;

  constructor(keys: number) {
    const bits = 2 ** Math.ceil(Math.log2(keys * BITS_PER_KEY));
    this.#words = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
    this.#room = bits / BITS_PER_KEY;
  }

  get keys(): number {
    return (this.#mask + 1) / BITS_PER_KEY;
  }

  get full(): boolean {
    return this.#room === 0;
  }

  add(keyDigest: string): void {
    this.#room -= 1;
    for (const at of PARTS) {
      const bit = this.#bitAt(keyDigest, at);
      this.#words[bit >>> 5] = this.#wordOf(bit) | (1 << (bit & 31));
    }
  }

  mayHave(keyDigest: string): boolean {
    for (const at of PARTS) {
      const bit = this.#bitAt(keyDigest, at);
      if ((this.#wordOf(bit) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  #wordOf(bit: number): number {
    return this.#words[bit >>> 5] ?? 0;
  }

  /** What is no digest gives the same bits each time as well, only not as good ones. */
  #bitAt(keyDigest: string, at: number): number {
    return Number.parseInt(keyDigest.slice(at, at + PART_CHARS), 16) & this.#mask;
  }
}

/**
 * A scalable Bloom filter (Bloom 1970; Almeida, Baquero, Preguiça, Hutchison 2007): when a layer is full, one of twice its
 * size is put on top. With 16 bits and 4 parts per key, one of about 400 absent keys is taken for a stored one. Nothing but
 * speed hangs on it: a claim is judged by the unique index of the keys.
 * @param firstKeys how many keys the first layer is made for
 */
export function createKeyFilter(firstKeys = 2 ** 15, mostKeys = MOST_KEYS): KeyFilter {
  let top = new Layer(firstKeys);
  let layers = [top];
  let keys = 0;
  let isComplete = false;
  return {
    add(keyDigest) {
      keys += 1;
      if (keys > mostKeys) {
        layers = [];
        return;
      }
      if (top.full) {
        top = new Layer(2 * top.keys);
        layers.push(top);
      }
      top.add(keyDigest);
    },
    mayHave: (keyDigest) =>
      !isComplete || keys > mostKeys || layers.some((layer) => layer.mayHave(keyDigest)),
    complete() {
      isComplete = true;
    },
  };
}
