import { decideVerification, type VerificationStep } from '../../domain/history/decide-verification.js';
import type { Clock } from '../../ports/clock.js';
import type { Log } from '../../ports/log.js';
import { createVerificationRounds, type Remembering } from './verification-rounds.js';

/** Whether everything that was acknowledged to this gateway is known to be in the store. */
export interface Verification {
  /** From now on it is not. */
  ask(): void;
  done(): boolean;
  /** One round over everything, where that has been asked for. Never rejects. */
  settle(): Promise<VerificationStep>;
}

export interface VerificationPorts {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
  readonly remembering: Remembering;
}

const VERIFIED: VerificationStep = { kind: 'verified', setAside: [] };
/** Rounds follow each other quickly; whoever reads the log is told at this pace. Milliseconds. */
const TELL_EVERY_MS = 10_000;
const WHAT_TO_DO =
  'nothing that writes is begun until it is verified; see whether the database takes writes to its executions. ' +
  'A restart of this gateway gives up what it remembers: calls that the database has lost may then be made again';

export function createVerification({ clock, log, remembering }: VerificationPorts): Verification {
  const rounds = createVerificationRounds(remembering);
  let askedMono: number | null = null;
  let toldMono = Number.NEGATIVE_INFINITY;
  let lost = 0;

  function tell(error: unknown): void {
    if (clock.monotonic() - toldMono < TELL_EVERY_MS) return;
    toldMono = clock.monotonic();
    log.error('history_not_verified', { error: String(error), what: WHAT_TO_DO });
  }

  return {
    ask() {
      askedMono ??= clock.monotonic();
      lost = 0;
      rounds.startOver();
    },
    done: () => askedMono === null,
    async settle() {
      if (askedMono === null) return VERIFIED;
      const round = await rounds.run();
      lost += round.lost;
      const sinceMs = clock.monotonic() - askedMono;
      const step = decideVerification({ failed: rounds.failed(), answers: round.answers, sinceMs });
      for (const version of step.setAside) rounds.setAside(version);
      if (step.kind === 'again') tell(round.error);
      else {
        log.warn('history_verified', { lost });
        askedMono = null;
        toldMono = Number.NEGATIVE_INFINITY;
      }
      return step;
    },
  };
}
