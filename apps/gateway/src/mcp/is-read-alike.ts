import { isObject } from './rpc.js';

/**
 * Whether all clients make of the schema of a result what the gateway does. Where they do not, the one of them throws results
 * away that fit, after the effect, and another refuses the whole list of tools because of one schema:
 * patterns are compiled with the flag `u` by them; a `multipleOf` of 0.01 does not divide 19.99, as they reckon; and those of
 * the SDK 1.x do not know `prefixItems`, but hold `items` against every element.
 *
 * It looks into constants and examples as well: at worst, a schema is not told that could be.
 */
export function isReadAlike(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isReadAlike);
  if (!isObject(schema)) return true;
  const { pattern, patternProperties, multipleOf, prefixItems } = schema;
  if (typeof pattern === 'string' && !isPattern(pattern)) return false;
  if (isObject(patternProperties) && !Object.keys(patternProperties).every(isPattern)) return false;
  if (typeof multipleOf === 'number' && !Number.isInteger(multipleOf)) return false;
  return !Array.isArray(prefixItems) && Object.values(schema).every(isReadAlike);
}

/** Compiled only: texts of strangers are never held against it. */
function isPattern(source: string): boolean {
  try {
    return new RegExp(source, 'u').unicode;
  } catch {
    return false;
  }
}
