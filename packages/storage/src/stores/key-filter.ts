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
const BITS_OF_A_KEY = 4;
/** Of two parts of a digest, 32 bits each, as many hashes are made as are needed (Kirsch and Mitzenmacher 2006). */
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
    const step = stepOf(keyDigest);
    let hash = startOf(keyDigest);
    for (let i = 0; i < BITS_OF_A_KEY; i += 1, hash += step) {
      const bit = hash & this.#mask;
      this.#words[bit >>> 5] = this.#wordOf(bit) | (1 << (bit & 31));
    }
  }

  mayHave(keyDigest: string): boolean {
    const step = stepOf(keyDigest);
    let hash = startOf(keyDigest);
    for (let i = 0; i < BITS_OF_A_KEY; i += 1, hash += step) {
      const bit = hash & this.#mask;
      if ((this.#wordOf(bit) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  #wordOf(bit: number): number {
    return this.#words[bit >>> 5] ?? 0;
  }
}

/** What is no digest gives the same numbers each time as well, only not as good ones. */
function startOf(keyDigest: string): number {
  return Number.parseInt(keyDigest.slice(0, PART_CHARS), 16);
}

/** Odd: whatever the size of a layer, the bits of a key are different ones. */
function stepOf(keyDigest: string): number {
  return Number.parseInt(keyDigest.slice(PART_CHARS, 2 * PART_CHARS), 16) | 1;
}

/**
 * A scalable Bloom filter (Bloom 1970; Almeida, Baquero, Preguiça, Hutchison 2007): when a layer is full, one of twice its
 * size is put on top. With 16 bits per key, of which 4 are set, one of about 400 absent keys is taken for a stored one.
 * Nothing but speed hangs on it: a claim is judged by the unique index of the keys.
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
