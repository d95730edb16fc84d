import { isUtf8 } from 'node:buffer';
import { readHeader, type BodyWatcher, type Exchanged, type ResponseHead } from '../wire/exchange.js';
import { isJsonType } from '../wire/read-content.js';
import { createEventStreamReader, type EventStreamReader } from './event-stream.js';
import { parseRpcMessage, type RpcMessage } from './rpc-message.js';

/** What has been found: the response, and the head of the HTTP answer that it came in. */
export interface FoundAnswer {
  readonly head: ResponseHead;
  readonly message: RpcMessage;
}

const STREAM_TYPE = /^text\/event-stream\s*(?:;|$)/i;

/** Finds the response to one request in whatever the server sends back, in one HTTP answer or in several. */
export class AnswerReader {
  readonly #id: number | string | null;
  readonly #onOther: (message: Readonly<Record<string, unknown>>) => void;
  #head: ResponseHead | null = null;
  #message: RpcMessage | null = null;
  #stream: EventStreamReader | null = null;
  #lastEventId: string | null = null;
  #retryMs: number | null = null;

  /** `id` is null for messages that nothing answers. `onOther` gets requests and notifications of the server. */
  constructor(id: number | string | null, onOther: (message: Readonly<Record<string, unknown>>) => void) {
    this.#id = id;
    this.#onOther = onOther;
  }

  /** For the exchange: ends it as soon as the response is in, though the server may hold the stream open. */
  readonly watch = (head: ResponseHead): BodyWatcher | null => {
    this.#head = head;
    const streams = head.status < 300 && STREAM_TYPE.test(readHeader(head, 'content-type'));
    const stream = streams && this.#id !== null ? createEventStreamReader() : null;
    this.#stream = stream;
    /* A compressed stream can only be read when it is whole. */
    if (stream === null || readHeader(head, 'content-encoding') !== '') return null;
    return (chunk) => this.#readStream(stream, chunk);
  };

  /** Reads what could not be watched (JSON bodies, compressed streams); null while there is no response yet. */
  finish(exchanged: Exchanged): FoundAnswer | null {
    if (exchanged.kind === 'response' && this.#message === null && this.#id !== null) {
      const { head, bytes } = exchanged;
      if (this.#stream !== null) this.#readStream(this.#stream, bytes);
      else if (head.status < 300 && isJsonType(readHeader(head, 'content-type'))) {
        this.#message = readJson(bytes, this.#id);
      }
    }
    return this.#head === null || this.#message === null
      ? null
      : { head: this.#head, message: this.#message };
  }

  /** An event stream has ended without the response. */
  get broken(): boolean {
    return this.#stream !== null && this.#message === null;
  }

  /** Where the stream broke off, if the server said so. */
  get lastEventId(): string | null {
    return this.#lastEventId;
  }

  get retryMs(): number | null {
    return this.#retryMs;
  }

  #readStream(stream: EventStreamReader, chunk: Uint8Array): boolean {
    for (const data of this.#decode(stream, chunk)) this.#takeEvent(data);
    this.#lastEventId = stream.lastEventId ?? this.#lastEventId;
    this.#retryMs = stream.retryMs ?? this.#retryMs;
    return this.#message !== null;
  }

  #decode(stream: EventStreamReader, chunk: Uint8Array): readonly string[] {
    try {
      return stream.push(chunk);
    } catch {
      this.#message = { kind: 'invalid', message: 'the event stream is not UTF-8' };
      return [];
    }
  }

  #takeEvent(data: string): void {
    if (this.#message !== null || this.#id === null) return;
    const found = parseRpcMessage(data, this.#id);
    if (found.kind === 'other') this.#onOther(found.message);
    else this.#message = found;
  }
}

function readJson(bytes: Uint8Array, id: number | string): RpcMessage {
  if (!isUtf8(bytes)) return { kind: 'invalid', message: 'the answer is not UTF-8' };
  const found = parseRpcMessage(new TextDecoder().decode(bytes), id);
  return found.kind === 'other'
    ? { kind: 'invalid', message: 'the answer is a request of the server' }
    : found;
}
