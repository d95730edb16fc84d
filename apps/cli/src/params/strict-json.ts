import { isRecord, type JsonRecord } from '../records.js';

export type StrictJson =
  { readonly kind: 'ok'; readonly value: JsonRecord } | { readonly kind: 'bad'; readonly message: string };

/**
 * One JSON object, read without loss. JSON.parse would silently take the last of two equal keys and round large numbers,
 * and the tool would get something else than what was written; the gateway cannot see that any more, so it is refused here.
 */
export function parseStrictJson(text: string): StrictJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      kind: 'bad',
      message: `is not valid JSON: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
  if (!isRecord(value))
    return { kind: 'bad', message: 'must be a JSON object, such as {"customer_id":"cust_123"}' };
  const loss = findLoss(text);
  return loss === undefined ? { kind: 'ok', value } : { kind: 'bad', message: loss };
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],]|-?\d[\d.eE+-]*/g;

/** What valid JSON text would lose when it is read; undefined where nothing. */
function findLoss(text: string): string | undefined {
  /** The keys of each object that is open, null for a list. */
  const open: (Set<string> | null)[] = [];
  let expectsKey = false;
  for (const [token] of text.matchAll(TOKEN)) {
    const keys = open.at(-1);
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : null);
    else if (token === '}' || token === ']') open.pop();
    else if (token.startsWith('"') && keys && expectsKey) {
      const key = JSON.parse(token) as string;
      if (keys.has(key)) return `has the key "${key}" twice in one object`;
      if (key === '__proto__') return 'has the key "__proto__", which no tool may get';
      keys.add(key);
    } else if (/^[-\d]/.test(token) && !survives(Number(token))) {
      return `has the number ${token}, which does not survive being read; send it as a string`;
    }
    expectsKey = token === '{' || (token === ',' && open.at(-1) !== null);
  }
  return undefined;
}

function survives(number: number): boolean {
  return Number.isInteger(number) ? Number.isSafeInteger(number) : Number.isFinite(number);
}
