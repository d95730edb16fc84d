import { CapabilityCard } from '@invoke/contract';

/** The name of the tool, and of its handler. */
export const FETCH_URL = 'fetch.url';

/** Ports on which the web is served. A name with another port is no page but somebody's service. */
export const WEB_PORTS: readonly string[] = ['80', '443', '8080', '8443'];

const NAME = String.raw`[^\x00-\x20\x7f/?#@:\\\[\]{}]+(:(80|443|8080|8443))?`;
/* Whatever the port: these are judged by their address, and refused as such. */
const LITERAL = String.raw`(\[[0-9A-Fa-f:.]+\]|[0-9][^\x00-\x20\x7f/?#@:\\\[\]{}]*|[Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]\.?)(:[0-9]{1,5})?`;
const REST = String.raw`([/?#][^\x00-\x20\x7f\\]*)?`;

/**
 * An absolute http or https URL without credentials, without characters that URL parsers drop or mend, on a port of the
 * web. Written for RE2 as well as for JavaScript.
 */
export const FETCH_URL_PATTERN = `^[Hh][Tt][Tt][Pp][Ss]?://(${NAME}|${LITERAL})${REST}$`;

export const fetchUrlCard: CapabilityCard = CapabilityCard.parse({
  name: FETCH_URL,
  description:
    'Fetches a public web page or document by GET. Returns its final URL, status code, content type and text; for JSON also the parsed value.',
  capability: 'web.fetch',
  effect: 'read',
  input_schema: {
    type: 'object',
    properties: {
      url: {
        type: 'string',
        description: `an absolute http or https URL without credentials, where it names a port on ${WEB_PORTS.join(', ')}`,
        maxLength: 2048,
        pattern: FETCH_URL_PATTERN,
      },
    },
    required: ['url'],
    // Labels that rules look at, such as branch: they are not sent anywhere.
    additionalProperties: { type: 'string', maxLength: 2048, pattern: String.raw`^[^\x00-\x1f\x7f]*$` },
  },
  idempotency: { mode: 'none' },
  retry: { safe: true, max_attempts: 3 },
  timeout_ms: 15_000,
  tags: ['web', 'built-in'],
});
