/** S: SQLite. P: Postgres. */
export type StoreName = 'S' | 'P';
/** R: reads. A: honours our key. B: can be looked up. C: neither. */
export type ToolClass = 'R' | 'A' | 'B' | 'C';

/** A test that shows it, for these stores and classes of tools: all of the scenario where they are left out. */
export interface Proof {
  /** From the root of the repository. */
  readonly file: string;
  /** As it stands in the file; where a name is made of parts, the part that is literal. */
  readonly test: string;
  readonly stores?: readonly StoreName[];
  readonly classes?: readonly ToolClass[];
}

export interface Scenario {
  readonly number: number;
  /** What goes wrong, and what is to come of it. */
  readonly title: string;
  /** Those that it is about; none: it does not depend on the store. */
  readonly stores: readonly StoreName[];
  /** Those that it is about; none: it does not depend on the tool. */
  readonly classes: readonly ToolClass[];
  readonly proven: readonly Proof[];
  /** Why it cannot be run here; then nothing has to prove it. */
  readonly cannotRun?: string;
  /** What of it the product does not do, said openly. */
  readonly gap?: string;
}

export const BOTH = ['S', 'P'] as const;

const FOLDER = 'test/faults/scenarios';

/** Tests of this folder, by file. */
export const here = {
  crash: `${FOLDER}/crash-points.test.ts`,
  races: `${FOLDER}/races.test.ts`,
  zombies: `${FOLDER}/zombies.test.ts`,
  clocks: `${FOLDER}/zombies-and-time.test.ts`,
  engine: `${FOLDER}/network-and-tool.test.ts`,
  tools: `${FOLDER}/tool-processes.test.ts`,
  database: `${FOLDER}/database.test.ts`,
  disk: `${FOLDER}/disk-and-files.test.ts`,
  delivery: `${FOLDER}/delivery-and-versions.test.ts`,
} as const;
