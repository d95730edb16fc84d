/** The longest a caller may ask to wait. */
const LONGEST_WAIT_S = 60;

/** `Prefer: wait=N` (RFC 7240), in milliseconds; 0 where it is absent or malformed, which RFC 7240 wants ignored. */
export function waitMsOf(header: string | undefined): number {
  if (header === undefined) return 0;
  const seconds = /(?:^|[,;\s])wait\s*=\s*(\d{1,4})(?:$|[,;\s])/i.exec(header)?.[1];
  return seconds === undefined ? 0 : Math.min(LONGEST_WAIT_S, Number(seconds)) * 1000;
}
