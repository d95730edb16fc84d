import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TOOLS, type ToolName } from './cards.js';
import { FAIR, type Fate, type Fortune } from './fates.js';

/** Something that was done. */
export interface Effect {
  readonly ref: string;
  readonly tool: ToolName;
  /** The gateway's reference, as it came in the key header. */
  readonly reference: string;
  readonly mark: string;
  readonly at: number;
}

/** A request whose bytes have arrived. */
export interface Arrival {
  readonly ref: string;
  readonly tool: ToolName;
  readonly reference: string;
  readonly mark: string;
  readonly at: number;
  readonly fate: string;
}

export interface LedgerOptions {
  /** What becomes of each request; everything goes well where it is left out. */
  readonly fortune?: Fortune;
  /**
   * Requests take effect no later than this after they were sent (by `sent`, else after they arrived), however loaded this
   * machine is: what would be later is not done. Null: the world makes no such promise.
   */
  readonly latestEffectMs?: number | null;
}

/**
 * The world behind the tools, and the only judge of what has happened: it records everything that was done, with its time, and
 * never forgets. Nothing it does is idempotent, but for the tool that honours a key.
 */
export interface Ledger extends AsyncDisposable {
  /** Where the tools are: `url` + name of the tool. */
  readonly url: string;
  readonly port: number;
  readonly effects: readonly Effect[];
  readonly arrivals: readonly Arrival[];
  /** Ids of the messages that arrived, once for each time; to be sent to `url` + `events`. */
  readonly deliveries: readonly string[];
  effectsOf(ref: string): readonly Effect[];
  /** Tells when the request with this mark was sent, by the clock of this machine. */
  sent(mark: string, at: number): void;
  /** What becomes of requests from now on. */
  setFortune(fortune: Fortune): void;
  /** Requests that are still to take effect. */
  underWay(): number;
  /** Requests that came too late to be done. */
  readonly tooLate: number;
}

/** A tool that stays silent hangs up in the end. */
const SILENCE_MS = 5_000;

interface Request {
  readonly tool: ToolName;
  readonly ref: string;
  readonly reference: string;
  readonly mark: string;
}

export async function openLedger(options: LedgerOptions = {}): Promise<Ledger> {
  const { latestEffectMs = null } = options;
  let fortune = options.fortune ?? FAIR;
  const effects: Effect[] = [];
  const arrivals: Arrival[] = [];
  const deliveries: string[] = [];
  const byRef = new Map<string, Effect[]>();
  const byReference = new Map<string, Effect[]>();
  const sentAt = new Map<string, number>();
  const seen = new Map<string, number>();
  let underWay = 0;
  let tooLate = 0;

  function act(request: Request, arrivedAt: number): boolean {
    const { tool, ref, reference, mark } = request;
    if (tool === 'keyed' && byReference.has(reference)) return true;
    const at = Date.now();
    if (latestEffectMs !== null && at - (sentAt.get(mark) ?? arrivedAt) > latestEffectMs) {
      tooLate += 1;
      return false;
    }
    const effect: Effect = { ref, tool, reference, mark, at };
    effects.push(effect);
    byRef.set(ref, [...(byRef.get(ref) ?? []), effect]);
    byReference.set(reference, [...(byReference.get(reference) ?? []), effect]);
    return true;
  }

  function write(request: Request, response: ServerResponse): void {
    const at = Date.now();
    const n = count(request);
    const fate: Fate = fortune.write({ tool: request.tool, ref: request.ref, n });
    arrivals.push({ ...request, at, fate: fate.name });
    let done = fate.effectMs === null;
    if (fate.effectMs !== null) {
      underWay += 1;
      setTimeout(() => {
        done = act(request, at);
        underWay -= 1;
        if (!done) response.destroy();
      }, fate.effectMs);
    }
    const replyMs = fate.reply === 'ok' ? Math.max(fate.replyMs, (fate.effectMs ?? 0) + 1) : fate.replyMs;
    setTimeout(() => {
      if (fate.reply === 'ok' && !done) response.destroy();
      else reply(response, fate.reply, { receipt: request.reference || request.ref });
    }, replyMs);
  }

  function read(request: Request, response: ServerResponse): void {
    const { tool, ref, reference } = request;
    const fate = fortune.read({ tool, ref: tool === 'find' ? reference : ref, n: count(request) });
    setTimeout(() => {
      const count = (byReference.get(reference) ?? []).filter((e) => e.tool !== 'backup').length;
      reply(response, fate.reply, tool === 'find' ? { done: count > 0, count } : { value: ref });
    }, fate.replyMs);
  }

  /** A receiver that hears, and does not always say so. */
  function receive(incoming: IncomingMessage, response: ServerResponse): void {
    incoming.resume().on('end', () => {
      deliveries.push(String(incoming.headers['webhook-id']));
      const fate = fortune.read({ tool: 'read', ref: 'events', n: deliveries.length });
      reply(response, fate.reply, {});
    });
  }

  function count({ tool, ref, reference }: Request): number {
    const key = `${tool} ${ref} ${tool === 'find' ? reference : ''}`;
    const n = (seen.get(key) ?? 0) + 1;
    seen.set(key, n);
    return n;
  }

  const server = createServer((incoming, response) => {
    incoming.on('error', () => undefined);
    response.on('error', () => undefined);
    if (incoming.url === '/events') return receive(incoming, response);
    void readRequest(incoming).then(
      (request) => {
        if (request === null) return reply(response, 400, { error: 'no such tool' });
        return request.tool === 'read' || request.tool === 'find'
          ? read(request, response)
          : write(request, response);
      },
      () => response.destroy(),
    );
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    effects,
    arrivals,
    deliveries,
    effectsOf: (ref) => byRef.get(ref) ?? [],
    sent: (mark, at) => void sentAt.set(mark, at),
    setFortune: (next) => void (fortune = next),
    underWay: () => underWay,
    get tooLate() {
      return tooLate;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readRequest(incoming: IncomingMessage): Promise<Request | null> {
  const url = new URL(incoming.url ?? '/', 'http://tools');
  const tool = TOOLS.find((name) => name === url.pathname.slice(1));
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  if (tool === undefined) return null;
  const text = Buffer.concat(chunks).toString();
  const params = text === '' ? Object.fromEntries(url.searchParams) : (JSON.parse(text) as object);
  const { ref = '', reference } = params as { ref?: string; reference?: string };
  const key = incoming.headers['idempotency-key'];
  const mark = incoming.headers['traceparent'];
  return {
    tool,
    ref: String(ref),
    reference: String(reference ?? key ?? ''),
    mark: typeof mark === 'string' ? mark : '',
  };
}

function reply(response: ServerResponse, kind: Fate['reply'], body: object): void {
  if (response.destroyed) return;
  if (kind === 'reset') response.socket?.resetAndDestroy();
  else if (kind === 'silence') setTimeout(() => response.destroy(), SILENCE_MS).unref();
  else {
    response.writeHead(kind === 'ok' ? 200 : kind, { 'content-type': 'application/json' });
    response.end(JSON.stringify(kind === 'ok' ? body : { error: `status ${kind}` }));
  }
}
