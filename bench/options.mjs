import { parseArgs } from 'node:util';
import { COMPARISONS, DECISION, START } from './comparisons.mjs';

export const EXPERIMENTS = [...COMPARISONS.map((c) => c.id), START, DECISION];

export const HELP = `Measures the gateway against a bare proxy and a bare echo server, and prints ratios.

  npm run bench -- [options]

  --only <name>      only this experiment (may be given more than once): ${EXPERIMENTS.join(', ')}
  --seconds <n>      length of one run, 0.2 to 60 (default 2)
  --connections <n>  only with this many connections (may be given more than once; default 1, 16, 64)
  --quick            one short round each: shows that everything runs, not how fast
  --json             print the result as JSON
  --gateway <file>   measure another build of the gateway
  --strict           exit 1 when a target is missed
  --help             this text

A complete run of the build of this checkout also writes bench/RESULTS.md. With DATABASE_URL_TEST set, that PostgreSQL is used.
`;

/**
 * @typedef {object} Options
 * @property {readonly string[]} only Empty: everything.
 * @property {number} seconds
 * @property {number} rounds
 * @property {number} starts
 * @property {readonly number[]} connections
 * @property {boolean} quick
 * @property {boolean} json
 * @property {boolean} strict
 * @property {boolean} help
 * @property {string | null} gateway
 */

const FULL = { seconds: 2, rounds: 5, starts: 5, connections: [1, 16, 64] };
const MOST_CONNECTIONS = 1_000;
const QUICK = { seconds: 0.3, rounds: 1, starts: 1, connections: [1, 64] };

/**
 * @param {readonly string[]} args
 * @returns {{ kind: 'ok', options: Options } | { kind: 'bad', message: string }}
 */
export function parseOptions(args) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        seconds: { type: 'string' },
        connections: { type: 'string', multiple: true },
        quick: { type: 'boolean' },
        json: { type: 'boolean' },
        strict: { type: 'boolean' },
        gateway: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    const { only = [], quick = false, json = false, strict = false, help = false, gateway = null } = values;
    const unknown = only.find((name) => !EXPERIMENTS.includes(name));
    if (unknown !== undefined) {
      return {
        kind: 'bad',
        message: `there is no experiment ${unknown}; there are ${EXPERIMENTS.join(', ')}`,
      };
    }
    const size = quick ? QUICK : FULL;
    const seconds = values.seconds === undefined ? size.seconds : Number(values.seconds);
    if (!(seconds >= 0.2 && seconds <= 60)) return { kind: 'bad', message: '--seconds: expected 0.2 to 60' };
    const connections = values.connections?.map(Number) ?? size.connections;
    if (!connections.every((n) => Number.isInteger(n) && n >= 1 && n <= MOST_CONNECTIONS)) {
      return { kind: 'bad', message: `--connections: expected 1 to ${MOST_CONNECTIONS}` };
    }
    return {
      kind: 'ok',
      options: { ...size, connections, only, seconds, quick, json, strict, help, gateway },
    };
  } catch (error) {
    return { kind: 'bad', message: error instanceof Error ? error.message : String(error) };
  }
}
