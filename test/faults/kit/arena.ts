import type { TestPostgres } from '@invoke/testkit/stores';
import type { Mode } from './ablations.js';
import { SETTLE_MS } from './cards.js';
import type { Evidence } from './evidence.js';
import { callUntilDone, type CallerHistory, type CallPlan } from './client.js';
import { faultyPostgres, faultySqlite, type FaultyDatabase } from './faulty-database.js';
import type { Fortune } from './fates.js';
import { startFleet, type Fleet, type FleetOptions } from './fleet.js';
import { judge, type Judgement, type Minimums } from './judge.js';
import { openLedger, type Ledger } from './ledger.js';
import { registerTools } from './register-tools.js';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.js';
import { sleep } from './sleep.js';

export interface ArenaOptions extends Pick<FleetOptions, 'leaseMs' | 'failpoints' | 'onEvent'> {
  /** A server that may be crashed; null: one gateway over a SQLite file. */
  readonly postgres: TestPostgres | null;
  readonly gateways?: number;
  readonly mode?: Mode;
  readonly fortune?: Fortune;
  readonly latestEffectMs?: number | null;
  /** Registers the tools at the first gateway, before the others start; those of the kit where it is left out. */
  readonly register?: (gateway: string, toolUrl: string) => Promise<void>;
  /** More variables for all gateways. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Real gateways, a real database and a world that keeps count, with a line in between at every place that can be cut. */
export interface Arena extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly fleet: Fleet;
  readonly database: FaultyDatabase;
  /** Between gateway `i` and Postgres; over SQLite there is none. */
  readonly databaseLines: readonly TcpProxy[];
  /** Between all gateways and the tools. */
  readonly toolLine: TcpProxy;
  /** Calls until done, at the gateways in turn, and keeps what was told for the judge. */
  call(
    plan: Pick<CallPlan, 'key' | 'tool' | 'body'> & { readonly withinMs?: number },
  ): Promise<CallerHistory>;
  readonly histories: CallerHistory[];
  /** Callers give up, and that is kept as well. */
  breakOffCalls(): void;
  /** Resolves when no execution is left that a gateway has to drive and no effect is under way; false: not in time (milliseconds, or until it is broken off). */
  settled(within: number | AbortSignal): Promise<boolean>;
  /** All that the judge looks at. */
  evidence(): Promise<Evidence>;
  judge(minimums?: Partial<Minimums>): Promise<Judgement>;
}

const WITHIN_MS = 30_000;
const EVENTS_SECRET = `whsec_${Buffer.alloc(32, 'faults').toString('base64')}`;

export async function openArena(options: ArenaOptions): Promise<Arena> {
  const { postgres, mode = 'fenced', gateways = 1, latestEffectMs = null, env = {} } = options;
  await using stack = new AsyncDisposableStack();
  const ledger = stack.use(
    await openLedger({
      latestEffectMs,
      ...(options.fortune === undefined ? {} : { fortune: options.fortune }),
    }),
  );
  const toolLine = stack.use(await openTcpProxy(ledger.port));
  const port = postgres?.control?.port;
  const databaseLines: TcpProxy[] = [];
  if (port !== undefined) {
    for (let i = 0; i < gateways; i += 1) databaseLines.push(stack.use(await openTcpProxy(port)));
  }
  const database = stack.use(postgres === null ? await faultySqlite() : await faultyPostgres(postgres));
  const fleet = stack.use(
    await startFleet({
      ...options,
      gateways,
      mode,
      env: (i) => ({
        ...throughLine(database.env, databaseLines[i]),
        INVOKE_EVENTS_WEBHOOK_URL: `${ledger.url}events`,
        INVOKE_EVENTS_WEBHOOK_SECRET: EVENTS_SECRET,
        ...env,
      }),
      onEvent(event, i) {
        if (event.kind === 'sent') ledger.sent(event.mark, event.at);
        options.onEvent?.(event, i);
      },
      async prepare(url) {
        const toolUrl = `http://127.0.0.1:${toolLine.port}/`;
        if (options.register === undefined) {
          await registerTools(url, toolUrl, mode === 'no-settle' ? 0 : SETTLE_MS);
        } else await options.register(url, toolUrl);
        await database.witness();
      },
    }),
  );
  const histories: CallerHistory[] = [];
  async function evidence(): Promise<Evidence> {
    const { effects, arrivals } = ledger;
    // A scenario may have messages sent to a receiver of its own.
    const deliveries = env['INVOKE_EVENTS_WEBHOOK_URL'] === undefined ? ledger.deliveries : null;
    return { ...(await database.evidence()), effects, arrivals, deliveries, callers: histories };
  }
  const parts = stack.move();
  let turn = 0;
  const calls = new AbortController();
  return {
    ledger,
    fleet,
    database,
    databaseLines,
    toolLine,
    histories,
    breakOffCalls: () => calls.abort(),
    async call({ withinMs = WITHIN_MS, ...plan }) {
      const history = await callUntilDone({
        ...plan,
        gateway: () => fleet.url((turn += 1) % fleet.size),
        until: Date.now() + withinMs,
        signal: calls.signal,
      });
      histories.push(history);
      return history;
    },
    async settled(within) {
      const signal = typeof within === 'number' ? AbortSignal.timeout(within) : within;
      for (;;) {
        const open = await database.openExecutions().catch(() => 1);
        if (open === 0 && ledger.underWay() === 0) return true;
        if (signal.aborted) return false;
        await sleep(200);
      }
    },
    evidence,
    judge: async (minimums) => judge(await evidence(), { completed: 0, takeovers: 0, ...minimums }),
    [Symbol.asyncDispose]() {
      calls.abort();
      return parts.disposeAsync();
    },
  };
}

/** The way to the database over a line of this gateway's own. */
function throughLine(
  env: Readonly<Record<string, string>>,
  line: TcpProxy | undefined,
): Readonly<Record<string, string>> {
  const direct = env['DATABASE_URL'];
  if (direct === undefined || line === undefined) return env;
  const url = new URL(direct);
  url.port = String(line.port);
  return { ...env, DATABASE_URL: url.href };
}
