/** Something that was acknowledged to this gateway. */
export interface Acknowledged {
  /** Names it, in this version. */
  readonly version: string;
  /** Holds it against the store, and puts it back where it is lost. True: it was. */
  verify(): Promise<boolean>;
  /** It cannot be verified, and is given up: says so. */
  giveUp(error: unknown): void;
}

export interface Remembering {
  acknowledged(): readonly Acknowledged[];
  /** Rejects where the store does not take writes now. */
  probe(): Promise<unknown>;
}

export interface Round {
  /** How many were lost, and are back. */
  readonly lost: number;
  /** Whether the store took writes. */
  readonly answers: boolean;
  /** The last failure. */
  readonly error: unknown;
}

export interface VerificationRounds {
  run(): Promise<Round>;
  /** Which could not be verified, and how often in a row while the store answered. */
  failed(): ReadonlyMap<string, number>;
  /** From now on it is left out. */
  setAside(version: string): void;
  /** What has failed in a past before this one says nothing. */
  startOver(): void;
}

interface Failure {
  readonly it: Acknowledged;
  readonly error: unknown;
  readonly times: number;
}

/** Rounds over everything that was acknowledged, and a count of what fails by itself. */
export function createVerificationRounds({ acknowledged, probe }: Remembering): VerificationRounds {
  const left = new Set<string>();
  let failed = new Map<string, Failure>();

  function answers(): Promise<boolean> {
    return probe().then(
      () => true,
      () => false,
    );
  }

  return {
    /** A store that does not answer ends the round: so would all others fail, and that is nobody's own failure. */
    async run() {
      const now = new Map<string, Failure>();
      let lost = 0;
      let last: unknown = null;
      for (const it of acknowledged()) {
        if (left.has(it.version)) continue;
        try {
          if (await it.verify()) lost += 1;
        } catch (error) {
          if (!(await answers())) return { lost, answers: false, error };
          last = error;
          now.set(it.version, { it, error, times: (failed.get(it.version)?.times ?? 0) + 1 });
        }
      }
      failed = now;
      return { lost, answers: true, error: last };
    },
    failed: () => new Map([...failed].map(([version, { times }]) => [version, times])),
    setAside(version) {
      const failure = failed.get(version);
      left.add(version);
      failed.delete(version);
      failure?.it.giveUp(failure.error);
    },
    startOver() {
      failed = new Map();
    },
  };
}
