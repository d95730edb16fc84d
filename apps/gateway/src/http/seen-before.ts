const SLOTS = 1_024;
/** Of a longer text only so many characters are looked at. */
const MOST_CHARS = 1_024;
/** FNV-1a (Fowler, Noll, Vo), 32 bits. */
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * Whether a text like this one was asked about lately. Most requests come once: what is kept for those that come again is
 * kept from their second time on, or each call would pay for keeping it and for throwing it away. Texts are told apart by 32
 * bits and share slots, so the answer may be wrong either way: only speed hangs on it.
 */
export function createSeenBefore(): (text: string) => boolean {
  const slots = new Int32Array(SLOTS);
  return (text) => {
    const print = fingerprintOf(text);
    const slot = print & (SLOTS - 1);
    if (slots[slot] === print) return true;
    slots[slot] = print;
    return false;
  };
}

/**
 * 32 bits of a text, of its length and of at most 1,024 characters: to recognise it by, not to prove anything. Whoever knows
 * where it begins can make texts that look alike; where that matters, `begin` is a secret.
 */
export function fingerprintOf(text: string, begin = OFFSET): number {
  const step = Math.ceil(text.length / MOST_CHARS);
  let print = begin ^ text.length;
  for (let i = 0; i < text.length; i += step) print = Math.imul(print ^ text.charCodeAt(i), PRIME);
  return print | 0;
}
