/** One event of a stream (WHATWG HTML, 9.2 Server-sent events). */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/**
 * Reads a stream of events from pieces of text, wherever they were cut. What the stream ends in the middle of is not an
 * event (9.2.6); ids and retry times are not kept, as whoever reads again looks at everything again.
 */
export function createSseParser(): (text: string) => readonly ServerEvent[] {
  let rest = '';
  let afterCr = false;
  let event = '';
  let data: string[] = [];
  const dispatch = (): readonly ServerEvent[] => {
    const done = data.length === 0 ? [] : [{ event: event || 'message', data: data.join('\n') }];
    event = '';
    data = [];
    return done;
  };
  return (text) => {
    if (text === '') return [];
    // A line may end in CR LF, and the cut may be between the two.
    const lines = (rest + (afterCr && text.startsWith('\n') ? text.slice(1) : text)).split(/\r\n|\n|\r/);
    afterCr = text.endsWith('\r');
    rest = lines.pop() ?? '';
    return lines.flatMap((line) => {
      if (line === '') return dispatch();
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === 'event') event = value;
      if (field === 'data') data.push(value);
      return [];
    });
  };
}
