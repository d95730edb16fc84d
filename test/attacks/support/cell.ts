import type { AttackRow, Fixtures, Prefix } from './rows.js';
import type { Answer, Request, World } from './world.js';

type Counts = Readonly<Record<string, number>>;

export interface RowOutcome {
  readonly row: AttackRow;
  readonly prefix: Prefix;
  readonly answer: Answer;
  readonly fixtures: Fixtures;
  readonly world: World;
}

/** What a row needs beside its line: how it is set up, what it executes, and what its note asks for. */
export interface Cell {
  /** What has to be there first; fills the placeholders of the row. */
  arrange?(world: World, prefix: Prefix): Promise<Fixtures>;
  /** The request, where the line cannot say it, and those that its note asks for beside it. */
  requests?(request: Request, fixtures: Fixtures): readonly Request[];
  /** Calls that reach a tool. Nothing, where it is left out. */
  readonly executed?: Counts | ((request: Request) => Counts);
  check?(outcome: RowOutcome): Promise<void> | void;
}

export type Cells = Readonly<Record<string, Cell>>;
