export interface EventStreamReader {
  /**
   * The data of the messages that are complete with this chunk; events of other types and empty ones are left out. Throws a
   * TypeError on bytes that are not UTF-8.
   */
  push(chunk: Uint8Array): string[];
  /** The last id that the stream has set, which names where to go on after a break; null where it set none. */
  readonly lastEventId: string | null;
  /** Milliseconds that the server wants us to wait before we come back; null where it did not say. */
  readonly retryMs: number | null;
}

/**
 * Reads server-sent events as the WHATWG HTML standard (9.2.6) has it: lines end in CR LF, LF or CR, `data` lines are
 * joined by LF, an empty line ends an event, and what is not ended when the stream ends never happened.
 */
export function createEventStreamReader(): EventStreamReader {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  /* The line that has not ended yet, in pieces: joined once, so that a long line costs no more than its length. */
  let pieces: string[] = [];
  let carriageReturn = '';
  let data: string[] = [];
  let type = '';
  let lastEventId: string | null = null;
  let retryMs: number | null = null;

  function takeLine(line: string): string | null {
    if (line === '') {
      const event = type === '' || type === 'message' ? data.join('\n') : '';
      data = [];
      type = '';
      return event === '' ? null : event;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') type = value;
    else if (field === 'id' && value !== '' && !value.includes('\0')) lastEventId = value;
    else if (field === 'retry' && /^[0-9]{1,9}$/.test(value)) retryMs = Number(value);
    return null;
  }

  return {
    push(chunk) {
      const text = carriageReturn + decoder.decode(chunk, { stream: true });
      /* A CR at the end of a chunk may be the first half of CR LF. */
      carriageReturn = text.endsWith('\r') ? '\r' : '';
      const lines = (carriageReturn === '' ? text : text.slice(0, -1)).split(/\r\n|\n|\r/);
      const events: string[] = [];
      lines.forEach((line, index) => {
        pieces.push(line);
        if (index === lines.length - 1) return;
        const event = takeLine(pieces.join(''));
        pieces = [];
        if (event !== null) events.push(event);
      });
      return events;
    },
    get lastEventId() {
      return lastEventId;
    },
    get retryMs() {
      return retryMs;
    },
  };
}
