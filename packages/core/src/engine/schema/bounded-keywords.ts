import { _, type CodeKeywordDefinition } from 'ajv';
import { canonicalJson } from '../../domain/json/canonical-json.js';
import type { LinearPattern } from '../bounded/linear-pattern.js';
import type { Meter } from '../bounded/meter.js';

/** The meter of the validation that runs; a new one for each. Validations do not overlap: they are synchronous. */
export interface RunningMeter {
  current: Meter;
}

/** Put into schemas by the compiler; the linter lets no schema of a stranger have a keyword of this name. */
export const STEPS_KEYWORD = 'invokeSteps';

/** The keywords whose own implementation in Ajv can be made to take too long, and one that counts how often schemas are used. */
export function boundedKeywords(
  meter: RunningMeter,
  patterns: ReadonlyMap<string, LinearPattern>,
): CodeKeywordDefinition[] {
  // What `enum` and `const` allow is kept here, and the code that is generated has its number.
  const allowed: JsonSet[] = [];
  const keep = (values: readonly unknown[]) => allowed.push(new JsonSet(meter, values)) - 1;
  const isAllowed = (value: unknown, i: number) => allowed[i]?.has(value) === true;
  const text = 'string';
  return [
    stepsKeyword(meter),
    checking(
      { keyword: 'pattern', type: text },
      (value: string, source: string) => patterns.get(source)?.test(value, meter.current) === true,
    ),
    checking(
      { keyword: 'minLength', type: text },
      (value: string, limit: number) => limit === 0 || isLonger(value, limit - 1, meter),
    ),
    checking(
      { keyword: 'maxLength', type: text },
      (value: string, limit: number) => !isLonger(value, limit, meter),
    ),
    checking({ keyword: 'uniqueItems', type: 'array' }, (items: readonly unknown[], unique: boolean) => {
      const seen = new JsonSet(meter);
      return !unique || items.every((item) => seen.add(item));
    }),
    checking({ keyword: 'enum' }, isAllowed, (values) => keep(values as readonly unknown[])),
    checking({ keyword: 'const' }, isAllowed, (value) => keep([value])),
  ];
}

function stepsKeyword(meter: RunningMeter): CodeKeywordDefinition {
  const charge = (steps: number) => meter.current.charge(steps);
  return {
    keyword: STEPS_KEYWORD,
    code({ gen, schema }) {
      gen.code(_`${gen.scopeValue('func', { ref: charge })}(${schema})`);
    },
  };
}

/**
 * A keyword that is one call, with the value and with what the schema says. One function serves all uses in a schema: a
 * function for each would take Ajv's code generator a time quadratic in their number.
 *
 * @param toRule what to hand on in the place of what the schema says
 */
function checking<Value, Rule>(
  { keyword, type }: { readonly keyword: string; readonly type?: 'string' | 'array' },
  check: (value: Value, rule: Rule) => boolean,
  toRule: (schema: unknown) => unknown = (schema) => schema,
): CodeKeywordDefinition {
  return {
    keyword,
    ...(type === undefined ? {} : { type }),
    error: { message: keyword },
    code(context) {
      const call = context.gen.scopeValue('func', { ref: check });
      context.fail(_`!${call}(${context.data}, ${toRule(context.schema) as string})`);
    },
  };
}

/** What spelling out the smallest object or list takes. */
const STEPS_OF_CONTAINER = 20;

/** Values of JSON, each once. Looking one up takes the same time however many there are. */
class JsonSet {
  private readonly meter: RunningMeter;
  private readonly scalars = new Set<unknown>();
  private readonly containers = new Set<string>();

  constructor(meter: RunningMeter, values: readonly unknown[] = []) {
    this.meter = meter;
    for (const value of values) {
      if (isContainer(value)) this.containers.add(canonicalJson(value));
      else this.scalars.add(value);
    }
  }

  has(value: unknown): boolean {
    return isContainer(value) ? this.containers.has(this.spell(value)) : this.scalars.has(value);
  }

  /** False: it was there. */
  add(value: unknown): boolean {
    this.meter.current.charge(1);
    const [set, key]: [Set<unknown>, unknown] = isContainer(value)
      ? [this.containers, this.spell(value)]
      : [this.scalars, value];
    return set.size < set.add(key).size;
  }

  private spell(value: unknown): string {
    const text = canonicalJson(value);
    this.meter.current.charge(STEPS_OF_CONTAINER + text.length / 8);
    return text;
  }
}

/** Whether a text has more code points than `limit`. They are counted only where the length does not tell. */
function isLonger(text: string, limit: number, meter: RunningMeter): boolean {
  if (text.length <= limit) return false;
  if (text.length > 2 * limit) return true;
  meter.current.charge(1 + text.length / 8);
  let pairs = 0;
  for (let i = 0; i < text.length - 1; i++) {
    if (isSurrogate(text, i, 0xd800) && isSurrogate(text, i + 1, 0xdc00)) pairs++;
  }
  return text.length - pairs > limit;
}

/** Of the half that starts at `first`: high ones at 0xd800, low ones at 0xdc00. */
function isSurrogate(text: string, at: number, first: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === first;
}

function isContainer(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
