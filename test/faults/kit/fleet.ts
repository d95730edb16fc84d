import type { GatewayEvent } from './gateway-event.js';
import { FAULT_VARIABLES } from './gateway-event.js';
import { startGatewayProcess, type GatewayProcess } from './gateway-process.js';
import type { Mode } from './ablations.js';
import { sleep } from './sleep.js';

export const CALLER = 'inv_faults_caller_0123456789';
export const APPROVER = 'inv_faults_approver_0123456789';

export interface FleetOptions {
  /** How many gateways; over SQLite one. */
  readonly gateways: number;
  /** Where gateway `i` stores: DATABASE_URL or INVOKE_DATA_DIR, and whatever else is to be set. */
  readonly env: (i: number) => Readonly<Record<string, string>>;
  readonly leaseMs?: number;
  readonly mode?: Mode;
  /** What gateway `i` gets at its nth start (from 0). */
  readonly failpoints?: (i: number, start: number) => { readonly rules: string; readonly seed: number };
  readonly onEvent?: (event: GatewayEvent, gateway: number) => void;
  /** Done when the first one is up, before there are others: registers tools. */
  readonly prepare?: (url: string) => Promise<void>;
}

/** Gateways that are kept running: whatever ends one, another one is started in its place. */
export interface Fleet extends AsyncDisposable {
  readonly size: number;
  /** Where gateway `i` listens; null while it does not. A port lasts as long as its process. */
  url(i: number): string | null;
  urls(): readonly string[];
  gateway(i: number): GatewayProcess | null;
  /** SIGKILL. Resolves when it is gone; it is started again by itself. */
  kill(i: number): Promise<void>;
  /** SIGSTOP for this long. */
  pause(i: number, ms: number): Promise<void>;
  /** SIGTERM, as before a deploy, and started again. */
  stop(i: number): Promise<void>;
  /** From now on started without failpoints; those that have some are killed. Resolves when all are up. */
  heal(): Promise<void>;
  /** Resolves when all gateways are up. */
  allUp(): Promise<void>;
  readonly counts: FleetCounts;
  /** Of gateways that ended though nobody had ended them: what they said last. */
  readonly lastWords: readonly string[];
}

export interface FleetCounts {
  /** By SIGKILL, from outside or at a failpoint. */
  kills: number;
  pauses: number;
  stops: number;
  /** Ends that nobody ordered: a bug, unless the database was gone while it started. */
  crashes: number;
  starts: number;
  failedStarts: number;
}

const DEFAULT_LEASE_MS = 1_500;
const AGAIN_AFTER_MS = 250;
/** A database that is away comes back; a gateway that cannot start at all has a bug. */
const MOST_TRIES = 40;

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const counts: FleetCounts = { kills: 0, pauses: 0, stops: 0, crashes: 0, starts: 0, failedStarts: 0 };
  const slots: Slot[] = [];
  const lastWords: string[] = [];
  try {
    // The first one makes the tables, and knows the tools before there are others.
    const first = createSlot(0, options, { counts, lastWords });
    slots.push(first);
    await first.up();
    await options.prepare?.(first.running()?.url ?? '');
    for (let i = 1; i < options.gateways; i += 1) slots.push(createSlot(i, options, { counts, lastWords }));
    await Promise.all(slots.map((slot) => slot.up()));
  } catch (error) {
    await Promise.all(slots.map((slot) => slot.dispose()));
    throw error;
  }
  const at = (i: number): Slot => {
    const slot = slots[i];
    if (slot === undefined) throw new Error(`there is no gateway ${i}`);
    return slot;
  };
  const allUp = async () => void (await Promise.all(slots.map((slot) => slot.up())));
  return {
    size: slots.length,
    counts,
    lastWords,
    url: (i) => at(i).running()?.url ?? null,
    urls: () => slots.flatMap((slot) => slot.running()?.url ?? []),
    gateway: (i) => at(i).running(),
    async kill(i) {
      await at(i).end('kill');
    },
    async stop(i) {
      await at(i).end('stop');
    },
    async pause(i, ms) {
      const gateway = at(i).running();
      if (gateway === null) return;
      counts.pauses += 1;
      await gateway.pause(ms);
    },
    allUp,
    async heal() {
      await Promise.all(slots.map((slot) => slot.healed()));
      await allUp();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(slots.map((slot) => slot.dispose()));
    },
  };
}

type Slot = ReturnType<typeof createSlot>;

interface Books {
  readonly counts: FleetCounts;
  readonly lastWords: string[];
}

function createSlot(i: number, options: FleetOptions, { counts, lastWords }: Books) {
  let current: GatewayProcess | null = null;
  let healing = false;
  let over = false;
  let ordered = false;
  let armed = false;
  let start = -1;
  let starting = Promise.resolve();
  restart();

  function restart(): void {
    starting = begin();
    // Whoever waits for it hears of it.
    starting.catch(() => undefined);
  }

  function environment(): Record<string, string> {
    start += 1;
    const points = healing ? undefined : options.failpoints?.(i, start);
    armed = points !== undefined && points.rules !== '';
    return {
      INVOKE_API_KEYS: `${CALLER},${APPROVER}`,
      INVOKE_LEASE_MS: String(options.leaseMs ?? DEFAULT_LEASE_MS),
      [FAULT_VARIABLES.mode]: options.mode ?? 'fenced',
      ...(points === undefined
        ? {}
        : { [FAULT_VARIABLES.failpoints]: points.rules, [FAULT_VARIABLES.seed]: String(points.seed) }),
      ...options.env(i),
    };
  }

  function onEvent(event: GatewayEvent): void {
    if (event.kind === 'failpoint') {
      if (event.action.kind === 'kill') {
        ordered = true;
        counts.kills += 1;
      }
      if (event.action.kind === 'pause') counts.pauses += 1;
    }
    options.onEvent?.(event, i);
  }

  async function begin(): Promise<void> {
    // The database may be away: then it is tried again, as whatever starts processes would.
    for (let tries = 1; !over; tries += 1) {
      ordered = false;
      try {
        const gateway = await startGatewayProcess({ env: environment(), onEvent });
        counts.starts += 1;
        current = gateway;
        void gateway.ended.then(() => {
          if (current === gateway) current = null;
          if (!ordered && !over) {
            counts.crashes += 1;
            lastWords.push(gateway.lastWords());
          }
          if (!over) restart();
        });
        return;
      } catch (error) {
        if (!ordered) counts.failedStarts += 1;
        if (tries === MOST_TRIES) throw error;
        await sleep(AGAIN_AFTER_MS);
      }
    }
  }

  async function up(): Promise<void> {
    while (current === null && !over) await starting;
  }

  async function end(how: 'kill' | 'stop'): Promise<void> {
    const gateway = current;
    if (gateway === null || !gateway.alive()) return;
    ordered = true;
    counts[how === 'kill' ? 'kills' : 'stops'] += 1;
    await gateway[how]();
  }

  return {
    running: () => (current?.alive() === true ? current : null),
    up,
    end,
    async healed() {
      healing = true;
      await starting;
      if (armed) await end('kill');
    },
    async dispose() {
      over = true;
      await current?.kill();
      await starting.catch(() => undefined);
      await current?.kill();
    },
  };
}
