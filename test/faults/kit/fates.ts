import type { Random } from './seeded-random.js';
import type { ToolName } from './cards.js';

/** What becomes of one request at a tool that writes. Milliseconds count from its arrival. */
export interface Fate {
  /** For reports. */
  readonly name: string;
  /** When it is done; null: never. */
  readonly effectMs: number | null;
  /** What comes back, and when. A success is only ever answered once it is done. */
  readonly reply: 'ok' | 'reset' | 'silence' | 200 | 400 | 429 | 500 | 503;
  readonly replyMs: number;
}

/** What becomes of one read. */
export interface ReadFate {
  readonly reply: 'ok' | 'reset' | 'silence' | 500;
  readonly replyMs: number;
}

/** Fates by name; the scenarios name them, chaos draws them. */
export const FATES = {
  ok: { name: 'ok', effectMs: 1, reply: 'ok', replyMs: 2 },
  lost_before: { name: 'lost_before', effectMs: null, reply: 'reset', replyMs: 1 },
  late: { name: 'late', effectMs: 700, reply: 'reset', replyMs: 1 },
  late_silent: { name: 'late_silent', effectMs: 700, reply: 'silence', replyMs: 0 },
  reply_lost: { name: 'reply_lost', effectMs: 1, reply: 'reset', replyMs: 2 },
  applied_500: { name: 'applied_500', effectMs: 1, reply: 500, replyMs: 2 },
  applied_silent: { name: 'applied_silent', effectMs: 1, reply: 'silence', replyMs: 0 },
  /** It answers when the gateway has given up waiting. */
  slow: { name: 'slow', effectMs: 1, reply: 'ok', replyMs: 500 },
  silent: { name: 'silent', effectMs: null, reply: 'silence', replyMs: 0 },
  status_500: { name: 'status_500', effectMs: null, reply: 500, replyMs: 1 },
  refused_400: { name: 'refused_400', effectMs: null, reply: 400, replyMs: 1 },
  busy_429: { name: 'busy_429', effectMs: null, reply: 429, replyMs: 1 },
} as const satisfies Readonly<Record<string, Fate>>;

export const READ_OK: ReadFate = { reply: 'ok', replyMs: 1 };

/** Decides for each request. `n` counts the requests of the same `ref` at the same tool, from 1. */
export interface Fortune {
  write(request: { readonly tool: ToolName; readonly ref: string; readonly n: number }): Fate;
  read(request: { readonly tool: ToolName; readonly ref: string; readonly n: number }): ReadFate;
}

/** Everything goes well. */
export const FAIR: Fortune = { write: () => FATES.ok, read: () => READ_OK };

/** In a third of all cases something goes wrong; what is late comes between these times. */
export function chaoticFortune(random: Random, late: readonly [from: number, to: number]): Fortune {
  return {
    write() {
      const roll = random.next() * 100;
      const lateMs = random.between(...late);
      if (roll < 62) return { ...FATES.ok, replyMs: random.between(1, 30) };
      if (roll < 69) return FATES.lost_before;
      if (roll < 74) return { ...FATES.late, effectMs: lateMs };
      if (roll < 77) return { ...FATES.late_silent, effectMs: lateMs };
      if (roll < 83) return FATES.reply_lost;
      if (roll < 87) return FATES.applied_500;
      if (roll < 90) return FATES.applied_silent;
      if (roll < 93) return { ...FATES.slow, replyMs: random.between(200, 1_000) };
      if (roll < 94) return FATES.silent;
      if (roll < 96) return FATES.status_500;
      if (roll < 97) return FATES.refused_400;
      return FATES.busy_429;
    },
    read() {
      const roll = random.next() * 100;
      if (roll < 90) return { reply: 'ok', replyMs: random.between(1, 20) };
      if (roll < 94) return { reply: 500, replyMs: 1 };
      if (roll < 97) return { reply: 'reset', replyMs: 1 };
      return { reply: 'silence', replyMs: 0 };
    },
  };
}
