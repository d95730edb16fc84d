/**
 * A JSON Schema for flat arguments.
 * @param {Readonly<Record<string, string>>} fields Name to type; all of them are required.
 */
export function schemaOf(fields) {
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, type]) => [name, { type }])),
    required: Object.keys(fields),
    additionalProperties: false,
  };
}
