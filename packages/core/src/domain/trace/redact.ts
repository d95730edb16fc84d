/**
 * Redaction for everything that is kept or shown for people: traces, logs, exports. By field name, by pattern of the value,
 * and by the card's `sensitive` pointers. What is masked keeps nothing of the secret.
 */
export const MASK = '[redacted]';

const SECRET_NAME =
  /pass(?:word|wd|phrase)|secret|token|authorization|cookie|api[_-]?key|credential|private[_-]?key|card[_-]?number|cvv|cvc|\bssn\b/i;

/** Whether what stands under this name (a field, a header) is taken for a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Cheap signs that a string may hold a secret; only then the patterns run. */
const SUSPICIOUS = /[_-]|eyJ|:\/\/|AKIA|bearer/i;

/**
 * Whoever sends a text can choose one for which these take long: each runs over a stretch of text once, whether it fits or not
 * (`\b` before an open-ended part would begin anew at every word of it).
 */
const SECRET_VALUES: readonly RegExp[] = [
  /\b(?:inv|ag)_[A-Za-z0-9_]{8,}/g,
  /\b(?:sk|pk|rk|whsec|sb_secret|sbp|xox[abprs]|ghp|gho|ghs|ghu|github_pat|glpat|lin_api|npm|ntn|secret)[_-][A-Za-z0-9_-]{8,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g,
  /\bBearer\s+[A-Za-z0-9._~+/-]{6,}=*/gi,
];

/** A signed token (RFC 7519), or what begins like one: only with its second part it is a secret. */
const JWT = /\beyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*)?/g;

const URL_USERINFO = /(?<=[a-z0-9+.-]:\/\/)[^\s/@]+@/gi;

/** Deeper than anything that passes the gate; a guard for values that did not come through it. */
const DEEPEST = 80;

/** A copy of a JSON value with its secrets masked. `sensitive` holds JSON Pointers into the value. */
export function redact(value: unknown, sensitive: readonly string[] = []): unknown {
  return redactAt(value, '', { sensitive: new Set(sensitive), depth: 0 });
}

/** Text with secrets masked by pattern. */
export function redactText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  let clean = text
    .replace(URL_USERINFO, `${MASK}@`)
    .replace(JWT, (found, rest: string | undefined) => (rest === undefined ? found : MASK));
  for (const pattern of SECRET_VALUES) clean = clean.replace(pattern, MASK);
  return clean;
}

interface Place {
  readonly sensitive: ReadonlySet<string>;
  readonly depth: number;
}

function redactAt(value: unknown, pointer: string, place: Place): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (place.depth >= DEEPEST) return MASK;
  const deeper = { ...place, depth: place.depth + 1 };
  if (Array.isArray(value)) return value.map((v, i) => redactAt(v, `${pointer}/${i}`, deeper));
  const copy: Record<string, unknown> = {};
  for (const [name, child] of Object.entries(value)) {
    const here = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const secret = place.sensitive.has(here) || (isSecretName(name) && isScalarOrNested(child));
    copy[redactText(name)] = secret ? MASK : redactAt(child, here, deeper);
  }
  return copy;
}

/** Flags and null are not secrets: `"password": null` says something worth seeing. */
function isScalarOrNested(value: unknown): boolean {
  return value !== null && typeof value !== 'boolean';
}
