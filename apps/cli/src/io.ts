/** A stream that may be a terminal. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface InputStream extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean;
}

/** Everything of the process that commands may touch, so that they can be run inside a test. */
export interface Io {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted by Ctrl-C and by SIGTERM; the reason is the signal's name. */
  readonly signal: AbortSignal;
  /** The folder with the project templates and the SDK that `init` copies. */
  readonly assets: string;
  /** How this program is started again: an executable and its first arguments. */
  readonly self: readonly string[];
}
