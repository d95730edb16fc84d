import type { Settings } from './settings.js';
import { createSseParser, type ServerEvent } from './sse-parser.js';
import { toHeaders } from './transport.js';

export interface EventStream {
  /** Ends where the stream does, for whatever reason. */
  readonly events: AsyncIterable<ServerEvent>;
  close(): void;
}

/** A gateway sends a sign of life every 15 s; a connection without any for this long is dead. */
const SILENCE_MS = 45_000;

/** @returns undefined where the server gives no stream; why is for the ordinary request to tell */
export async function openEvents(
  settings: Settings,
  path: string,
  over: AbortSignal,
): Promise<EventStream | undefined> {
  const dead = new AbortController();
  let silence = setTimeout(() => dead.abort(), settings.timeoutMs);
  const close = () => {
    clearTimeout(silence);
    dead.abort();
  };
  const headers = toHeaders(settings, { headers: { accept: 'text/event-stream' } });
  const signal = AbortSignal.any([over, dead.signal]);
  const response = await (settings.fetch ?? fetch)(`${settings.baseUrl}${path}`, {
    headers,
    signal,
    redirect: 'manual',
  }).catch(() => undefined);
  const isStream = response?.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (!response?.ok || !isStream || response.body === null) {
    close();
    return undefined;
  }
  const onPiece = () => {
    clearTimeout(silence);
    silence = setTimeout(() => dead.abort(), SILENCE_MS);
  };
  onPiece();
  return { events: eventsOf(response.body, onPiece), close };
}

async function* eventsOf(body: ReadableStream<Uint8Array>, onPiece: () => void): AsyncGenerator<ServerEvent> {
  const parse = createSseParser();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const piece = await reader.read().catch(() => undefined);
    if (piece === undefined || piece.done) return;
    onPiece();
    yield* parse(decoder.decode(piece.value, { stream: true }));
  }
}
