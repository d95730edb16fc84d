import { closeSync, copyFileSync, openSync, readFileSync, writeSync } from 'node:fs';
import { randomFillSync } from 'node:crypto';

/** Layout of a write-ahead log: https://www.sqlite.org/fileformat2.html#walformat */
const LOG_HEADER = 32;
const FRAME_HEADER = 24;

/** What a disk that lost its power may show behind the bytes that it had been made to keep. */
export const REMAINS = ['nothing', 'zeros', 'noise', 'a hole'] as const;
export type Remains = (typeof REMAINS)[number];

/** Where the frames of a log begin and end, and a few places within each. */
export function placesToCut(log: Buffer): readonly number[] {
  const frameBytes = FRAME_HEADER + log.readUInt32BE(8);
  const places: number[] = [];
  for (let at = LOG_HEADER; at <= log.length; at += frameBytes) {
    places.push(at, at + 1, at + FRAME_HEADER, at + FRAME_HEADER + 512, at + frameBytes - 1);
  }
  return places.filter((place) => place <= log.length);
}

export function readLog(file: string): Buffer {
  return readFileSync(`${file}-wal`);
}

/** Copies a database as it would be after a power cut that left `bytes` of its log. */
export function copyCut(
  file: string,
  copy: string,
  { log, bytes, remains }: { readonly log: Buffer; readonly bytes: number; readonly remains: Remains },
): void {
  copyFileSync(file, copy);
  const lost = log.length - bytes;
  const fd = openSync(`${copy}-wal`, 'w');
  writeSync(fd, log.subarray(0, bytes));
  if (lost > 0 && remains !== 'nothing') writeSync(fd, remainder(log.subarray(bytes), remains));
  closeSync(fd);
}

function remainder(lost: Buffer, remains: Exclude<Remains, 'nothing'>): Buffer {
  switch (remains) {
    case 'zeros':
      return Buffer.alloc(lost.length);
    case 'noise':
      return randomFillSync(Buffer.alloc(lost.length));
    case 'a hole': {
      // What came later has reached the disk, and what came before it has not.
      const half = Math.ceil(lost.length / 2);
      return Buffer.concat([Buffer.alloc(half), lost.subarray(half)]);
    }
  }
}
