import { CONTROL, MARKS, type SharedGroup, type Value } from './writer-protocol.js';

/** A statement by its id, and its parameters. */
export interface NumberedWrite {
  readonly id: number;
  readonly values: readonly Value[];
}

/** Pages that no group has reached take no memory. */
const USUAL_INTS = 64 * 1024;
const USUAL_BYTES = 4 * 1024 * 1024;
/** UTF-8 takes at most this many bytes for one unit of UTF-16. */
const MOST_PER_UNIT = 3;

/** What one transaction takes. Errors: RangeError where there is no memory for it. */
export function createSharedGroup(ints = USUAL_INTS, bytes = USUAL_BYTES): SharedGroup {
  const shared = (length: number) => new SharedArrayBuffer(length);
  return {
    control: new Int32Array(shared(CONTROL.size * Int32Array.BYTES_PER_ELEMENT)),
    ints: new Int32Array(shared(ints * Int32Array.BYTES_PER_ELEMENT)),
    numbers: new Float64Array(shared(ints * Float64Array.BYTES_PER_ELEMENT)),
    bytes: new Uint8Array(shared(bytes)),
  };
}

/** Fills the usual group, or one made for these writes where they do not fit. The turn is not given away yet. */
export function fillGroup(writes: readonly NumberedWrite[], usual: SharedGroup): SharedGroup {
  let ints = 0;
  for (const { values } of writes) ints += 1 + values.length;
  let group = ints <= usual.ints.length ? usual : createSharedGroup(ints);
  const text = fillValues(writes, group);
  const most = text.length * MOST_PER_UNIT;
  if (most > group.bytes.length) group = { ...group, bytes: createSharedGroup(0, most).bytes };
  group.control[CONTROL.statements] = writes.length;
  group.control[CONTROL.bytes] = toBuffer(group.bytes).write(text);
  return group;
}

/** Everything but the texts, which are returned as one: writing them one by one costs four times as much. */
function fillValues(writes: readonly NumberedWrite[], { ints, numbers }: SharedGroup): string {
  const texts: string[] = [];
  let int = 0;
  let number = 0;
  for (const { id, values } of writes) {
    ints[int++] = id;
    for (const value of values) {
      if (value === null) ints[int++] = MARKS.null;
      else if (typeof value === 'number') {
        ints[int++] = MARKS.number;
        numbers[number++] = value;
      } else {
        ints[int++] = value.length;
        texts.push(value);
      }
    }
  }
  return texts.join('');
}

function toBuffer({ buffer, length }: Uint8Array<SharedArrayBuffer>): Buffer {
  return Buffer.from(buffer, 0, length);
}
