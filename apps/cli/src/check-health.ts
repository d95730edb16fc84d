/** What a gateway says of itself, asked without a key. */
export type Health =
  | { readonly kind: 'ok'; readonly clockSkewMs: number | null }
  | { readonly kind: 'bad'; readonly reason: string };

const TIMEOUT_MS = 5_000;

/** GET /health or /ready. */
export async function checkHealth(baseUrl: string, path: '/health' | '/ready'): Promise<Health> {
  try {
    const sentAt = Date.now();
    const response = await fetch(`${baseUrl}${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (!response.ok) return { kind: 'bad', reason: `HTTP ${response.status}` };
    const date = Date.parse(response.headers.get('date') ?? '');
    // The header has whole seconds, so only half of the way and of the second can be told.
    const clockSkewMs = Number.isNaN(date) ? null : Math.round(date + 500 - (sentAt + Date.now()) / 2);
    return { kind: 'ok', clockSkewMs };
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
    return { kind: 'bad', reason: code ?? (error instanceof Error ? error.message : String(error)) };
  }
}
