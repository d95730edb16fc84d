/**
 * A JSON Schema for flat arguments.
 * @param {Readonly<Record<string, string>>} fields Name to type; all of them are required.
 * @param {Readonly<Record<string, string>>} [optional] Name to type of those that may be left out.
 */
export function schemaOf(fields, optional = {}) {
  const all = Object.entries({ ...fields, ...optional });
  return {
    type: 'object',
    properties: Object.fromEntries(all.map(([name, type]) => [name, { type }])),
    required: Object.keys(fields),
    additionalProperties: false,
  };
}
