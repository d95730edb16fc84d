import type { Arena } from '../kit/arena.js';
import type { ToolName } from '../kit/cards.js';
import type { Random } from '../kit/seeded-random.js';

export interface LoadOptions {
  /** Calls per second that are begun, as long as not too many wait. */
  readonly perSecond: number;
  readonly mostInFlight: number;
  /** Share of calls that two callers make at once, at two gateways. */
  readonly twins: number;
  /** How often each tool is called, in parts. */
  readonly tools: Readonly<Partial<Record<ToolName, number>>>;
}

export interface Load {
  /** No new calls from now on. */
  stop(): void;
  /** Resolves when all callers have been answered or have given up. */
  finished(): Promise<void>;
  readonly keys: readonly string[];
  /** Calls the same once more, and keeps what was told: an answer never changes. */
  repeatAll(withinMs: number): Promise<void>;
}

const WITH_FALLBACK = { failure_policy: { retry: 2, fallback: 'backup' } };
/** Longer than any round: in a round nobody gives up. */
const PATIENCE_MS = 900_000;
const AT_ONCE = 16;

/** Callers that go on, whatever happens to the gateways. */
export function startLoad(arena: Arena, random: Random, options: LoadOptions): Load {
  const calls = new Map<string, ToolName>();
  const inFlight = new Set<Promise<unknown>>();
  const pool = Object.entries(options.tools).flatMap(([tool, parts]) =>
    Array.from({ length: parts }, () => tool as ToolName),
  );
  let n = 0;

  function begin(key: string, tool: ToolName, withinMs: number): Promise<unknown> {
    const body = tool === 'primary' ? { body: WITH_FALLBACK } : {};
    const calling = arena.call({ key, tool, withinMs, ...body }).finally(() => inFlight.delete(calling));
    inFlight.add(calling);
    return calling;
  }

  const timer = setInterval(() => {
    if (inFlight.size >= options.mostInFlight) return;
    const tool = random.pick(pool);
    const key = `${tool}-${(n += 1)}`;
    calls.set(key, tool);
    void begin(key, tool, PATIENCE_MS);
    if (random.chance(options.twins)) void begin(key, tool, PATIENCE_MS);
  }, 1_000 / options.perSecond);

  return {
    stop: () => clearInterval(timer),
    async finished() {
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
    get keys() {
      return [...calls.keys()];
    },
    async repeatAll(withinMs) {
      const left = [...calls];
      const worker = async () => {
        for (let next = left.pop(); next !== undefined; next = left.pop()) {
          await begin(next[0], next[1], withinMs);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    },
  };
}
