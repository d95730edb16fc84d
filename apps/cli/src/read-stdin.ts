import { interruption, usageError } from './errors.js';
import type { Io } from './io.js';

/** The gateway takes no larger bodies, so no larger input is of use. */
const MAX_BYTES = 1_048_576;

/**
 * All of standard input as text.
 * @throws CliError (usage) where it is too large or not UTF-8; (interrupted) where a signal ends the wait
 */
export async function readStdin(io: Io, what: string): Promise<string> {
  if (io.stdin.isTTY === true) io.stderr.write(`${what}, then Ctrl-D:\n`);
  return decodeUtf8(await readBytes(io, what), `${what} on standard input`);
}

async function readBytes(io: Io, what: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const interrupted = whenAborted(io.signal);
  const input = io.stdin[Symbol.asyncIterator]();
  for (;;) {
    const next = await Promise.race([input.next(), interrupted]);
    if (next.done === true) return Buffer.concat(chunks);
    const chunk = Buffer.from(next.value);
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw usageError(`${what} on standard input is larger than 1 MiB.`);
    chunks.push(chunk);
  }
}

/** @throws CliError (usage) where the bytes are not UTF-8 */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw usageError(`${what} is not UTF-8 text.`, [], error);
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const onAbort = () => reject(interruption());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
