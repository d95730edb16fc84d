import { close, write, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Characters that wait while the file is slow. What comes on top is lost: a log must not eat the memory of the gateway. */
const MOST_WAITING = 1024 * 1024;
/** A pipe that is full is asked again after this. */
const PAUSE_MS = 100;
/** A file that takes nothing holds up the end of the gateway for no longer. */
const LONGEST_END_MS = 1_000;
const STANDARD_STREAMS = 2;

export interface LineWriter {
  /** Never throws and never waits. `line` ends in a line break. */
  write(line: string): void;
  /** Resolves when what was said is written, or cannot be. Nothing may be written afterwards. */
  end(): Promise<void>;
}

/**
 * Lines to an open file, written beside the work. Whatever the file does (a full disk, a reader that is gone), the gateway
 * goes on: lines that cannot be written are dropped and counted, and `noticeOf` says how many as soon as it is possible.
 */
export function createLineWriter(fd: number, noticeOf: (lost: number) => string): LineWriter {
  const put = createPut(fd);
  let waiting: string[] = [];
  let length = 0;
  let lost = 0;
  let running: Promise<void> | null = null;

  function take(): string[] {
    const lines = waiting;
    waiting = [];
    length = 0;
    return lines;
  }
  async function run(): Promise<void> {
    while (waiting.length > 0) {
      const lines = take();
      const told = lost;
      if (told > 0 && (await put(noticeOf(told))) > 0) {
        lost += lines.length;
        continue;
      }
      lost -= told;
      // Others may be lost meanwhile, so that nothing is added to what was read before.
      const missing = await put(lines.join(''));
      lost += missing;
    }
    running = null;
  }
  /** Who leaves at once, or by a bug, still says what waits: once, because nobody can wait here for a better time. */
  function atExit(): void {
    try {
      if (waiting.length > 0) writeSync(fd, take().join(''));
    } catch {
      // There is nobody left to tell.
    }
  }
  process.on('exit', atExit);
  return {
    write(line) {
      if (length + line.length > MOST_WAITING) {
        lost += 1;
        return;
      }
      waiting.push(line);
      length += line.length;
      running ??= run();
    },
    async end() {
      const late = Symbol('late');
      const ended = await Promise.race([running, sleep(LONGEST_END_MS, late, { ref: false })]);
      if (ended === late) return;
      process.off('exit', atExit);
      if (fd > STANDARD_STREAMS) await promisify(close)(fd).catch(() => undefined);
    },
  };
}

/** Writes text and says how many of its lines are not in the file. */
function createPut(fd: number): (text: string) => Promise<number> {
  /** Whether the file ends within a line. The next one begins by ending it, else both are lost to who reads them. */
  let torn = false;
  return async (text) => {
    let rest = Buffer.from(torn ? `\n${text}` : text);
    const lines = linesIn(text);
    while (rest.length > 0) {
      try {
        const written = await writeSome(fd, rest);
        torn = rest[written - 1] !== LINE_BREAK;
        rest = rest.subarray(written);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN')
          return Math.min(lines, linesIn(rest.toString()));
        await sleep(PAUSE_MS);
      }
    }
    return 0;
  };
}

const LINE_BREAK = 0x0a;

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

function writeSome(fd: number, bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, (error, written) => (error === null ? resolve(written) : reject(error)));
  });
}
