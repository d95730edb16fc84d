import { toApproval, type Approval } from './approval.js';
import { InvokeError } from './errors.js';
import { isJsonObject } from './json.js';
import { openEvents, type EventStream } from './open-events.js';
import { parseTimeout, type Settings } from './settings.js';
import { parseJson, sleep } from './transport.js';

export interface WaitOptions {
  /** How long to wait, in milliseconds; without it, until the approval is decided or expires. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait. It decides nothing. */
  readonly signal?: AbortSignal | undefined;
}

export interface WaitSource {
  /** Where its changes are told, from the base URL on. */
  readonly path: string;
  /** Reads it once. */
  readonly read: (signal: AbortSignal) => Promise<Approval>;
}

/** Between two looks, where there is no stream or it has just broken. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Waits for the end of an approval: by the stream of its events, and by asking again and again where there is none.
 * @throws InvokeError `timeout`, `aborted`, or why it cannot be read
 */
export async function waitForApproval(
  settings: Settings,
  { timeoutMs, signal }: WaitOptions,
  source: WaitSource,
): Promise<Approval> {
  const timeout = timeoutMs === undefined ? [] : [AbortSignal.timeout(parseTimeout(timeoutMs))];
  const over = AbortSignal.any([...timeout, ...(signal === undefined ? [] : [signal])]);
  try {
    return await watch(settings, source, over);
  } catch (cause) {
    if (!over.aborted) throw cause;
    const aborted = signal?.aborted === true;
    throw new InvokeError({
      code: aborted ? 'aborted' : 'timeout',
      message: aborted ? 'The wait was ended by its signal.' : 'The approval was not decided in time.',
      retry: 'safe',
      cause,
    });
  }
}

async function watch(settings: Settings, { path, read }: WaitSource, over: AbortSignal): Promise<Approval> {
  let pauseMs = FIRST_PAUSE_MS;
  let answeredAt = Date.now();
  let streamed = false;
  for (;;) {
    const stream = await openEvents(settings, path, over);
    streamed ||= stream !== undefined;
    try {
      // A stream tells how things stand before it tells what changes, so nothing is missed between two of them.
      const seen = stream === undefined ? await read(over) : await lastOf(stream);
      answeredAt = Date.now();
      if (seen !== undefined && seen.status !== 'pending') return seen;
    } catch (error) {
      // Who asked for the call may follow its approval, but not read approvals: that is no reason to stop.
      const mayPass = InvokeError.isInstance(error) && (streamed || error.retry !== 'never');
      if (!mayPass || over.aborted || Date.now() - answeredAt > settings.timeoutMs) throw error;
    } finally {
      stream?.close();
    }
    await sleep(pauseMs, over);
    over.throwIfAborted();
    pauseMs = stream === undefined ? Math.min(LONGEST_PAUSE_MS, pauseMs * 1.5) : FIRST_PAUSE_MS;
  }
}

/** The approval at its end; undefined where the stream ends before. */
async function lastOf(stream: EventStream | undefined): Promise<Approval | undefined> {
  for await (const { event, data } of stream?.events ?? []) {
    if (event !== 'approval') continue;
    const wire = parseJson(data);
    if (isJsonObject(wire) && typeof wire['status'] === 'string' && wire['status'] !== 'pending')
      return toApproval(wire);
  }
  return undefined;
}
