import type { ToolFailure } from '@invoke/core/domain';
import { errors, type Dispatcher } from 'undici';
import {
  classifyTransportFailure,
  EXCHANGE_ERROR,
  type ExchangeErrorCode,
} from './classify-transport-failure.js';
import { decodeBody } from './decode-body.js';
import { MAX_ANSWER_BYTES } from './limits.js';

export interface ExchangeRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
  /** Asked once, when the bytes are about to be written. */
  readonly mayStillSend: () => boolean;
  /** For the whole exchange, waiting for a connection included, in milliseconds. */
  readonly deadlineMs: number;
  /**
   * Looks at the head of the answer and may return a watcher of its body. When the watcher is content, the exchange ends,
   * though the server may hold the stream open.
   */
  readonly watch?: (head: ResponseHead) => BodyWatcher | null;
}

export interface ResponseHead {
  readonly status: number;
  readonly headers: ResponseHeaders;
}
export type ResponseHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Sees every chunk of a body; true says that it has seen enough. */
export type BodyWatcher = (chunk: Uint8Array) => boolean;

export interface HttpAnswer {
  readonly kind: 'response';
  readonly head: ResponseHead;
  /** Decompressed. Empty where a watcher saw it. */
  readonly bytes: Uint8Array;
}

export type Exchanged = HttpAnswer | ToolFailure;

/** A watched stream whose answer is in gets this long to end by itself, so that its connection can be used again. */
const LINGER_MS = 1_000;

/** One header as one string. */
export function readHeader(head: ResponseHead, name: string): string {
  const value = head.headers[name];
  return typeof value === 'string' ? value : (value?.join(', ') ?? '');
}

/**
 * Sends one request and reads one answer, without redirects and without retries. Never rejects.
 *
 * The write-time fence: undici calls `onRequestStart` when it has taken a connected socket for the request, and writes the
 * head in the same synchronous run once it returns. So what is decided there is decided before the first byte, and an
 * error that it throws leaves the socket untouched. An exchange that has ended earlier (deadline, closed) is refused there
 * as well, because a request in the queue of a pool cannot be taken back.
 */
export function exchange(dispatcher: Dispatcher, request: ExchangeRequest): Promise<Exchanged> {
  return new Promise((resolve) => {
    const { method, path, headers, body } = request;
    dispatcher.dispatch(
      { method, path, headers, body, headersTimeout: 0, bodyTimeout: 0 },
      new ExchangeHandler(request, resolve),
    );
  });
}

class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly #request: ExchangeRequest;
  readonly #resolve: (result: Exchanged) => void;
  readonly #deadline: NodeJS.Timeout;
  #linger: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | null = null;
  #written = false;
  #over = false;
  #head: ResponseHead | null = null;
  #watcher: BodyWatcher | null = null;
  #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(request: ExchangeRequest, resolve: (result: Exchanged) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#deadline = setTimeout(() => this.#onDeadline(), request.deadlineMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#written || this.#over || !this.#request.mayStillSend()) {
      throw new ExchangeError(EXCHANGE_ERROR.fenced, 'the call was not allowed to be sent any more');
    }
    this.#controller = controller;
    this.#written = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: ResponseHeaders,
  ): void {
    if (status < 200 || this.#over) return;
    this.#head = { status, headers };
    this.#watcher = this.#request.watch?.(this.#head) ?? null;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    this.#size += chunk.length;
    if (this.#size > MAX_ANSWER_BYTES) {
      return this.#abort(EXCHANGE_ERROR.too_large, 'the answer is larger than 5 MiB');
    }
    if (this.#watcher === null) {
      this.#chunks.push(chunk);
    } else if (this.#watcher(chunk)) {
      this.#linger = setTimeout(() => this.#hangUp(), LINGER_MS).unref();
      this.#answer(new Uint8Array(0));
    }
  }

  onResponseEnd(): void {
    clearTimeout(this.#linger);
    if (this.#over || this.#head === null) return;
    const [only, ...more] = this.#chunks;
    const bytes = only === undefined || more.length > 0 ? Buffer.concat(this.#chunks) : only;
    const encoding = readHeader(this.#head, 'content-encoding');
    if (encoding === '') return this.#answer(bytes);
    void this.#decode(bytes, encoding);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.#linger);
    this.#fail(readCode(error), error.message);
  }

  async #decode(bytes: Uint8Array, encoding: string): Promise<void> {
    const decoded = await decodeBody(bytes, encoding);
    switch (decoded.kind) {
      case 'decoded':
        return this.#answer(decoded.bytes);
      case 'too_large':
        return this.#fail(EXCHANGE_ERROR.too_large, 'the answer is larger than 5 MiB');
      case 'bad_encoding':
        return this.#fail(EXCHANGE_ERROR.bad_encoding, decoded.message);
    }
  }

  #onDeadline(): void {
    const { deadlineMs } = this.#request;
    const what = this.#written ? 'no answer' : 'no connection';
    this.#abort(EXCHANGE_ERROR.deadline, `${what} within ${deadlineMs} ms`);
  }

  #abort(code: ExchangeErrorCode, message: string): void {
    this.#fail(code, message);
    this.#hangUp();
  }

  #hangUp(): void {
    this.#controller?.abort(new ExchangeError(EXCHANGE_ERROR.deadline, 'hung up'));
  }

  #fail(code: string | null, message: string): void {
    this.#settle(classifyTransportFailure({ written: this.#written, code, message }));
  }

  #answer(bytes: Uint8Array): void {
    if (this.#head !== null) this.#settle({ kind: 'response', head: this.#head, bytes });
  }

  #settle(result: Exchanged): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#deadline);
    this.#chunks = [];
    this.#resolve(result);
  }
}

class ExchangeError extends Error {
  readonly code: ExchangeErrorCode;

  constructor(code: ExchangeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

function readCode(error: Error): string | null {
  if (error instanceof errors.HTTPParserError) return EXCHANGE_ERROR.not_http;
  return 'code' in error && typeof error.code === 'string' ? error.code : null;
}
