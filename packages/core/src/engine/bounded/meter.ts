/**
 * Counts the steps of one evaluation over data of strangers and stops it when they are used up, so that no expression and
 * no schema can hold up the event loop, whatever it is fed. A step takes about 100 ns at most.
 */
export class Meter {
  private left: number;

  constructor(steps: number) {
    this.left = steps;
  }

  /** For another evaluation, when the one before is over. */
  refill(steps: number): this {
    this.left = steps;
    return this;
  }

  /** Throws `Exhausted` when more is charged than is left. */
  charge(steps: number): void {
    this.left -= steps;
    if (this.left < 0) throw new Exhausted('it takes too many steps');
  }
}

/** An evaluation was given up. Thrown, because it has to get out of code that is not ours; caught where the meter was made. */
export class Exhausted extends Error {
  override readonly name: string = 'Exhausted';
}

/** What one evaluation may take: not much more than 30 ms. */
export const STEPS_PER_EVALUATION = 350_000;

/** Steps for going through a text once. */
export function stepsOfText(text: string): number {
  return 1 + (text.length >> 6);
}
