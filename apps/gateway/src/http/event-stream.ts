import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from './reply.js';

const POLL_MS = 500;
const HEARTBEAT_MS = 15_000;
/** Then the client connects again: proxies and drains need connections to end. */
const LONGEST_MS = 300_000;

export interface Watched {
  /** The event's data, as JSON text; sent when it differs from the one before. */
  readonly data: string;
  /** Nothing more will come. */
  readonly final: boolean;
}

/**
 * Server-sent events (WHATWG HTML, 9.2) of one thing that changes: as it is now, then each change, until it is final. The
 * store is asked, so that it does not matter which gateway makes the change. `ended` is called once, however it ends.
 */
export function eventStream(event: string, look: () => Promise<Watched | null>, ended: () => void): Reply {
  const stop = new AbortController();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => void pump(controller, { event, look, signal: stop.signal }).finally(ended),
    cancel: () => stop.abort(),
  });
  const headers = { 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' };
  return { status: 200, body: stream, headers };
}

interface Pump {
  readonly event: string;
  readonly look: () => Promise<Watched | null>;
  readonly signal: AbortSignal;
}

async function pump(
  controller: ReadableStreamDefaultController<Uint8Array>,
  { event, look, signal }: Pump,
): Promise<void> {
  const text = new TextEncoder();
  const began = performance.now();
  let spoke = began;
  let last: string | null = null;
  const say = (line: string) => {
    controller.enqueue(text.encode(line));
    spoke = performance.now();
  };
  try {
    while (!signal.aborted && performance.now() - began < LONGEST_MS) {
      const seen = await look();
      if (seen === null) break;
      if (seen.data !== last) say(`event: ${event}\ndata: ${seen.data}\n\n`);
      last = seen.data;
      if (seen.final) break;
      if (performance.now() - spoke > HEARTBEAT_MS) say(': still here\n\n');
      await sleep(POLL_MS, undefined, { signal, ref: false });
    }
    controller.close();
  } catch {
    // The client has gone, or the store is closed: either way there is nobody to tell.
    if (!signal.aborted) controller.close();
  }
}
