/**
 * What expressions compute with: JSON values as they are (numbers are CEL's double), `bigint` for CEL's int, which only
 * literals and functions give, and the two types of time.
 */
export class Timestamp {
  /** Milliseconds since 1970. */
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

export class Duration {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

/** Stands for a value that cannot be had: a missing field, or an operation that does not apply. It says why. */
export class Unknown {
  readonly why: string;
  /** The bare name that means two things, where that is why. */
  readonly conflict: string | null;
  constructor(why: string, conflict: string | null = null) {
    this.why = why;
    this.conflict = conflict;
  }
}

export type Kind =
  'null' | 'bool' | 'int' | 'double' | 'string' | 'list' | 'map' | 'timestamp' | 'duration' | 'other';

export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
      return 'double';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'list';
      if (value instanceof Timestamp) return 'timestamp';
      if (value instanceof Duration) return 'duration';
      return 'map';
    default:
      return 'other';
  }
}

/** For people: `text`, `a number`, ... */
export function describe(value: unknown): string {
  return NAMES[kindOf(value)];
}

const NAMES: Readonly<Record<Kind, string>> = {
  null: 'null',
  bool: 'true or false',
  int: 'a number',
  double: 'a number',
  string: 'text',
  list: 'a list',
  map: 'an object',
  timestamp: 'a timestamp',
  duration: 'a duration',
  other: 'something that is not data',
};

export function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Timestamp) &&
    !(value instanceof Duration)
  );
}
