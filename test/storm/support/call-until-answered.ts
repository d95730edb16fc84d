import { request, type Agent, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Caller {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** A fresh connection for each request, or not. */
  readonly agent: Agent;
}

/** What one caller lived through. */
export interface Story {
  /** In their order: the status of each answer, or what became of the connection. */
  readonly seen: readonly string[];
  /** The body of the last answer; null where there was none. */
  readonly body: string | null;
}

/** Nobody is kept waiting for longer. */
const PATIENCE_MS = 90_000;

/** Calls, and calls again for as long as the answer is 409 with the time after which to do so: what a good client does. */
export async function callUntilAnswered(caller: Caller): Promise<Story> {
  const seen: string[] = [];
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const answer = await post(caller);
    if (answer.kind === 'broken') return { seen: [...seen, answer.why], body: null };
    const retryAfter = Number(answer.headers['retry-after'] ?? Number.NaN);
    const repeats = answer.status === 409 && retryAfter > 0;
    seen.push(answer.status === 409 && !repeats ? '409 without Retry-After' : String(answer.status));
    if (!repeats) return { seen, body: answer.body };
    await sleep(retryAfter * 1_000);
  }
  return { seen: [...seen, 'still 409'], body: null };
}

type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: string;
    }
  | { readonly kind: 'broken'; readonly why: string };

function post({ url, headers, body, agent }: Caller): Promise<Answer> {
  return new Promise((resolve) => {
    const broken = (error: NodeJS.ErrnoException) =>
      resolve({ kind: 'broken', why: error.code ?? error.message });
    const call = request(
      url,
      { method: 'POST', agent, headers, signal: AbortSignal.timeout(PATIENCE_MS) },
      (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk: Buffer) => chunks.push(chunk));
        res.on('error', broken);
        res.on('end', () =>
          resolve({
            kind: 'answer',
            status: res.statusCode ?? 0,
            headers: res.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    call.on('error', broken);
    call.end(body);
  });
}
