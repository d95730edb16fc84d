import { startSource } from '../../support/start-source.js';

const WEAKEN = new URL('./weaken-sqlite.ts', import.meta.url);
const PROGRAM = new URL('./write-for-ever.ts', import.meta.url);

/** A write that was acknowledged. */
export interface Acknowledged {
  readonly id: string;
  readonly state: 'running' | 'completed';
  /** Length of the log of the database at that moment. */
  readonly walBytes: number;
}

export interface Writer extends AsyncDisposable {
  /** Everything that was acknowledged so far, in order. */
  readonly acknowledged: readonly Acknowledged[];
  /** Resolves when so many writes have been acknowledged. */
  reached(count: number): Promise<void>;
  /** It stands still, in the middle of whatever it does. */
  freeze(): Promise<void>;
}

/** The real store in a process of its own, which writes to the file until it is disposed of (by SIGKILL). */
export async function startWriter(
  file: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Writer> {
  const { child, lines, kill } = await startSource(PROGRAM, {
    environment,
    imports: [WEAKEN],
    args: [file],
  });
  const acknowledged: Acknowledged[] = [];
  let heard = () => {};
  const all = (async () => {
    for await (const line of lines) {
      const [state, id, walBytes] = line.split(' ');
      if (id !== undefined) {
        acknowledged.push({ id, state: state as Acknowledged['state'], walBytes: Number(walBytes) });
      }
      heard();
    }
  })();
  return {
    acknowledged,
    async reached(count) {
      while (acknowledged.length < count) {
        await Promise.race([
          new Promise<void>((resolve) => (heard = resolve)),
          all.then(() => {
            throw new Error(`the writer ended (${String(child.exitCode ?? child.signalCode)})`);
          }),
        ]);
      }
    },
    async freeze() {
      child.kill('SIGSTOP');
      // What it had said before is still on its way to us.
      await new Promise((resolve) => setTimeout(resolve, 100));
    },
    async [Symbol.asyncDispose]() {
      await kill();
      await all;
    },
  };
}
