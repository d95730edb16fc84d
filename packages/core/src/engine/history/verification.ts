import { decideVerification, type VerificationStep } from '../../domain/history/decide-verification.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';

/** Something that was acknowledged to this gateway. */
export interface Acknowledged {
  /** Names it, in this version. */
  readonly version: string;
  /** Holds it against the store, and puts it back where it is lost. True: it was. */
  verify(): Promise<boolean>;
  /** It cannot be verified, and is given up: says so. */
  giveUp(error: unknown): void;
}

export interface VerificationPorts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
  acknowledged(): readonly Acknowledged[];
  /** Rejects where the store does not take writes now. */
  probe(): Promise<unknown>;
}

/** Whether everything that was acknowledged to this gateway is known to be in the store. */
export interface Verification {
  /** From now on it is not. */
  ask(): void;
  done(): boolean;
  /** One round: verifies everything, where that has been asked for. Never rejects. */
  settle(): Promise<VerificationStep>;
}

const VERIFIED: VerificationStep = { kind: 'verified', setAside: [] };
/** Rounds follow each other quickly; whoever reads the log is told at this pace. Milliseconds. */
const TELL_EVERY_MS = 10_000;
const WHAT_TO_DO =
  'nothing that writes is begun until it is verified; see whether the database takes writes to its executions. ' +
  'A restart of this gateway gives up what it remembers: calls that the database has lost may then be made again';

interface Failure {
  readonly it: Acknowledged;
  readonly error: unknown;
  readonly times: number;
}

interface Round {
  readonly lost: number;
  readonly answers: boolean;
  readonly error: unknown;
}

export function createVerification(ports: VerificationPorts): Verification {
  const { clock, log } = ports;
  const givenUp = new Set<string>();
  let askedMono: number | null = null;
  let toldMono = Number.NEGATIVE_INFINITY;
  let lost = 0;
  let failed = new Map<string, Failure>();

  /** Counts a failure only where the store answers; ends the round where it does not: so would all others. */
  async function round(): Promise<Round> {
    const before = failed;
    const now = new Map<string, Failure>();
    let found = 0;
    let last: unknown = null;
    for (const it of ports.acknowledged()) {
      if (givenUp.has(it.version)) continue;
      try {
        if (await it.verify()) found += 1;
      } catch (error) {
        last = error;
        if (!(await answers())) return { lost: found, answers: false, error };
        now.set(it.version, { it, error, times: (before.get(it.version)?.times ?? 0) + 1 });
      }
    }
    failed = now;
    return { lost: found, answers: true, error: last };
  }

  async function answers(): Promise<boolean> {
    try {
      await ports.probe();
      return true;
    } catch {
      return false;
    }
  }

  function setAside(version: string): void {
    const failure = failed.get(version);
    givenUp.add(version);
    failed.delete(version);
    failure?.it.giveUp(failure.error);
  }

  function tell(error: unknown): void {
    if (clock.monotonic() - toldMono < TELL_EVERY_MS) return;
    toldMono = clock.monotonic();
    log.error('history_not_verified', { error: String(error), what: WHAT_TO_DO });
  }

  return {
    ask() {
      askedMono ??= clock.monotonic();
      lost = 0;
      failed = new Map();
    },
    done: () => askedMono === null,
    async settle() {
      if (askedMono === null) return VERIFIED;
      const { lost: found, answers: answered, error } = await round();
      lost += found;
      const times = new Map([...failed].map(([version, failure]) => [version, failure.times]));
      const sinceMs = clock.monotonic() - askedMono;
      const step = decideVerification({ failed: times, answers: answered, sinceMs });
      for (const version of step.setAside) setAside(version);
      if (step.kind === 'again') tell(error);
      else {
        log.warn('history_verified', { lost });
        askedMono = null;
        toldMono = Number.NEGATIVE_INFINITY;
      }
      return step;
    },
  };
}
