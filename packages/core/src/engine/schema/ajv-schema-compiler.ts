import type { JsonObject } from '@invoke/contract';
import { Ajv, type Options, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { lintSchema, SCHEMA_LIMITS } from '../../domain/tool/lint-schema.js';
import { dialectOf, type SchemaDialect } from '../../domain/tool/schema-dialect.js';
import { toSchemaTree, type SchemaNode } from '../../domain/tool/schema-tree.js';
import {
  childSchemas,
  escapePointer,
  isForeignAnnotation,
  withChildSchemas,
} from '../../domain/tool/subschemas.js';
import type {
  CompiledSchema,
  ParamsValidator,
  SchemaCompiler,
  SchemaUse,
} from '../../ports/schema-compiler.js';
import { TextTooLong, type LinearPattern } from '../bounded/linear-pattern.js';
import { Exhausted, Meter, STEPS_PER_EVALUATION } from '../bounded/meter.js';
import { boundedFormats } from './bounded-formats.js';
import { boundedKeywords, STEPS_KEYWORD, type RunningMeter } from './bounded-keywords.js';
import { compilePatterns } from './compile-patterns.js';
import { toFieldProblems } from './field-problems.js';
import { checkAgainstMetaSchema } from './meta-schema.js';

/**
 * Compiles the schemas of strangers. Each gets an Ajv of its own, so that none can reach another; what could name, load or
 * delay anything is refused by the linter before; and whatever a schema makes of a value, the check is given up after a
 * fixed number of steps (about 50 ms), which counts as a problem of the value.
 */
export function createSchemaCompiler(): SchemaCompiler {
  return { compile };
}

function compile(schema: JsonObject, use: SchemaUse = 'params'): CompiledSchema {
  const problems = lintSchema(schema, use);
  const dialect = dialectOf(schema);
  if (problems.length > 0 || dialect === null) return { kind: 'rejected', errors: problems };
  const invalid = checkAgainstMetaSchema(schema, dialect);
  if (invalid.length > 0) return { kind: 'rejected', errors: invalid };
  const tree = toSchemaTree(schema, SCHEMA_LIMITS);
  if (tree.kind === 'error') return { kind: 'rejected', errors: [tree.problem] };
  const nodes = [...tree.nodes.values()];
  const compiled = compilePatterns(nodes);
  if (compiled.kind === 'error') return { kind: 'rejected', errors: [compiled.problem] };

  const meter: RunningMeter = { current: new Meter(0) };
  try {
    const ajv = createAjv(dialect, { meter, patterns: compiled.patterns, nodes });
    return { kind: 'ok', validate: toValidator(ajv.compile(instrument(schema)), { meter, schema }) };
  } catch (error) {
    return { kind: 'rejected', errors: [{ pointer: '', message: whyNot(error) }] };
  }
}

/** What Ajv's strict mode refuses, or a schema that is too much for its code generator. */
function whyNot(error: unknown): string {
  if (error instanceof RangeError) return 'the references form chains that are too long';
  return error instanceof Error ? error.message.replace('strict mode: ', '') : String(error);
}

interface Parts {
  readonly meter: RunningMeter;
  readonly patterns: ReadonlyMap<string, LinearPattern>;
  readonly nodes: readonly SchemaNode[];
}

function createAjv(dialect: SchemaDialect, { meter, patterns, nodes }: Parts): Ajv {
  const schemas = nodes.flatMap(({ schema }) => (typeof schema === 'boolean' ? [] : [schema]));
  const formats = new Set(schemas.flatMap(({ format }) => (typeof format === 'string' ? [format] : [])));
  const options: Options = {
    ...OPTIONS,
    formats: boundedFormats(meter, formats),
    code: { optimize: false, regExp: linear(meter, patterns) },
  };
  const ajv =
    dialect === '2020-12'
      ? new Ajv2020(options)
      : dialect === '2019-09'
        ? new Ajv2019(options)
        : new Ajv(options);
  for (const keyword of boundedKeywords(meter, patterns)) {
    ajv.removeKeyword(keyword.keyword as string);
    ajv.addKeyword(keyword);
  }
  for (const name of new Set(schemas.flatMap((schema) => Object.keys(schema)))) {
    if (isForeignAnnotation(name)) ajv.addKeyword(name);
  }
  return ajv;
}

/**
 * Strict about what would be ignored, not about style: schemas of strangers may leave out types and declare a required field
 * without describing it. Schemas are checked against their meta-schema elsewhere, once for all.
 */
const OPTIONS: Options = {
  strictSchema: true,
  strictNumbers: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  allowUnionTypes: true,
  allowMatchingProperties: true,
  ownProperties: true,
  allErrors: true,
  $data: false,
  coerceTypes: false,
  useDefaults: false,
  removeAdditional: false,
  // Amounts such as 19.99 are multiples of 0.01, although their doubles are not quite.
  multipleOfPrecision: 9,
  // A schema that is used often is not copied to every place where it is used.
  inlineRefs: false,
  meta: false,
  validateSchema: false,
  addUsedSchema: false,
  messages: false,
  logger: false,
};

/** For `patternProperties`. Ajv tells patterns apart by what `toString` gives, and would take all objects for one. */
function linear(meter: RunningMeter, patterns: ReadonlyMap<string, LinearPattern>) {
  const engine = (source: string) => ({
    test: (text: string) => patterns.get(source)?.test(text, meter.current) === true,
    toString: () => source,
  });
  return Object.assign(engine, { code: 'linear' });
}

/** Steps for holding a schema against a value; when it fails, most of them go into the error. */
const STEPS_PER_SCHEMA = 8;

/**
 * A copy in which schemas say how many steps it takes to apply them: for themselves and for each schema directly in them.
 * Where that has no others in it and is applied once, as the schema of one property, it is counted with its parent alone.
 */
function instrument(schema: JsonObject): JsonObject {
  const { $schema: _, ...copy } = withChildSchemas(schema, ({ keyword, schema: child }) => {
    const isLeaf = keyword === 'properties' && isObject(child) && childSchemas(child).length === 0;
    return isObject(child) && !isLeaf ? instrument(child) : child;
  });
  return { ...copy, [STEPS_KEYWORD]: STEPS_PER_SCHEMA * (1 + childSchemas(schema).length) };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

function toValidator(
  validate: ValidateFunction,
  { meter, schema }: { meter: RunningMeter; schema: JsonObject },
): ParamsValidator {
  return (value) => {
    meter.current = new Meter(STEPS_PER_EVALUATION);
    try {
      return validate(value) ? null : toFieldProblems(validate.errors ?? [], { value, schema });
    } catch (error) {
      if (error instanceof TextTooLong)
        return [{ pointer: pointerTo(error.text, value) ?? '', message: error.message }];
      // The other errors are those of values that are nested too deeply for the stack.
      const why = error instanceof Exhausted ? 'takes too long to be checked' : 'cannot be checked';
      return [{ pointer: '', message: `${why} against the schema` }];
    }
  };
}

/** Where a text stands in a value. */
function pointerTo(text: string, value: unknown): string | null {
  if (value === text) return '';
  if (!isObject(value)) return null;
  for (const [name, member] of Object.entries(value)) {
    const pointer = pointerTo(text, member);
    if (pointer !== null) return `/${escapePointer(name)}${pointer}`;
  }
  return null;
}
