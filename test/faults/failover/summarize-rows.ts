/** A row of the probe, and who said that it was written. */
export interface AcknowledgedRow {
  readonly n: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly server: string;
  readonly timeline: number;
  /** `synchronous_standby_names` when it was written. */
  readonly standbys: string;
}

/** One line for each stretch of rows that one server acknowledged on one timeline while it waited for the same standbys. */
export function summarizeRows(rows: readonly AcknowledgedRow[]): readonly string[] {
  const stretches: AcknowledgedRow[][] = [];
  for (const row of rows) {
    const stretch = stretches.at(-1);
    if (stretch?.[0] !== undefined && isSame(stretch[0], row)) stretch.push(row);
    else stretches.push([row]);
  }
  return stretches.flatMap((stretch) => {
    const [first, last] = [stretch[0], stretch.at(-1)];
    if (first === undefined || last === undefined) return [];
    const { server, timeline, standbys } = first;
    return `${stretch.length} rows from ${clock(first.at)} to ${clock(last.at)} at ${server}, timeline ${timeline}, which waited for ${standbys === '' ? 'nobody' : standbys}`;
  });
}

function isSame(a: AcknowledgedRow, b: AcknowledgedRow): boolean {
  return a.server === b.server && a.timeline === b.timeline && a.standbys === b.standbys;
}

function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 21);
}
