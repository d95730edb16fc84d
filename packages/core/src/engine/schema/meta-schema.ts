import type { FieldProblem, JsonObject } from '@invoke/contract';
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { SchemaDialect } from '../../domain/tool/schema-dialect.js';

const MAX_PROBLEMS = 5;

/**
 * How a schema breaks the rules of its dialect. To these validators the schema is a value like any other: they compile the
 * meta-schemas that come with Ajv, once, and nothing of a stranger's.
 */
export function checkAgainstMetaSchema(schema: JsonObject, dialect: SchemaDialect): readonly FieldProblem[] {
  const validate = (validators[dialect] ??= CREATE[dialect]());
  if (validate(schema)) return [];
  return (validate.errors ?? []).slice(0, MAX_PROBLEMS).map(({ instancePath, message }) => ({
    pointer: instancePath,
    message: message ?? 'not a valid schema',
  }));
}

type MetaValidator = NonNullable<ReturnType<Ajv['getSchema']>>;

const validators: { [D in SchemaDialect]?: MetaValidator } = {};

const OPTIONS = { strict: false, logger: false } as const;

const CREATE: Readonly<Record<SchemaDialect, () => MetaValidator>> = {
  '2020-12': () => metaValidator(new Ajv2020(OPTIONS), 'https://json-schema.org/draft/2020-12/schema'),
  '2019-09': () => metaValidator(new Ajv2019(OPTIONS), 'https://json-schema.org/draft/2019-09/schema'),
  'draft-07': () => metaValidator(new Ajv(OPTIONS), 'http://json-schema.org/draft-07/schema'),
};

function metaValidator(ajv: Pick<Ajv, 'getSchema'>, id: string): MetaValidator {
  const validate = ajv.getSchema(id);
  if (validate === undefined) throw new Error(`Ajv has no meta-schema ${id}`);
  return validate;
}
