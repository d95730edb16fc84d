import { parseArgs } from 'node:util';
import { CLUSTER, COMPARISONS, DECISION, START } from './comparisons.mjs';

/** The parts of the benchmark, for --only. */
const PARTS = [...COMPARISONS.map((c) => c.id), CLUSTER, START, DECISION];
/** Whoever wants less than this of a soak wants to try it, not to keep it. */
const LONG_SOAK_MINUTES = 30;
const MOST_SOAK_MINUTES = 24 * 60;
const MOST_CONNECTIONS = 1_000;

export const HELP = `Measures the gateway against a bare proxy and a bare echo server, and prints ratios (about 9 minutes).

  npm run bench -- [options]

  --only <name>      only this part (may be given more than once): ${PARTS.join(', ')}
  --seconds <n>      length of one run, 0.2 to 60 (default 2)
  --connections <n>  only with this many connections (may be given more than once; default 1, 16, 64)
  --quick            one short round each: shows that everything runs, not how fast
  --json             print the result as JSON
  --gateway <file>   measure another build of the gateway
  --strict           exit 1 when a target is missed
  --help             this text

Instead of that, one of the experiments that take long:
  --peers            DBOS Transact and Restate doing the same call (installs them into bench/peers; about 5 minutes)
  --growth           what operations cost with 10,000 and with 1,000,000 executions stored, and pruning (about 15 minutes)
  --soak             half of what the gateway can do, for a long time:
    --minutes <n>      default ${LONG_SOAK_MINUTES}; less than that is not kept
    --store <name>     sqlite (default) or postgres

A complete run of the build of this checkout is kept in bench/results, and bench/RESULTS.md is written anew from all that is
there. With DATABASE_URL_TEST set, that PostgreSQL is used.
`;

/** @typedef {'benchmark' | 'peers' | 'growth' | 'soak'} Experiment */

/**
 * @typedef {object} Options
 * @property {Experiment} experiment
 * @property {readonly string[]} only Empty: everything.
 * @property {number} seconds
 * @property {number} rounds
 * @property {number} starts
 * @property {readonly number[]} connections
 * @property {number} minutes Of a soak.
 * @property {'sqlite' | 'postgres'} store Of a soak.
 * @property {boolean} quick
 * @property {boolean} json
 * @property {boolean} strict
 * @property {boolean} help
 * @property {string | null} gateway
 * @property {boolean} keep Whether the result is one to be kept.
 */

const FULL = { seconds: 2, rounds: 5, starts: 5, connections: [1, 16, 64] };
const QUICK = { seconds: 0.3, rounds: 1, starts: 1, connections: [1, 64] };
const QUICK_SOAK_MINUTES = 0.1;

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
        peers: { type: 'boolean' },
        growth: { type: 'boolean' },
        soak: { type: 'boolean' },
        minutes: { type: 'string' },
        store: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'boolean' },
        strict: { type: 'boolean' },
        gateway: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    const options = toOptions(values);
    const message = findFault(options, values);
    return message === null ? { kind: 'ok', options } : { kind: 'bad', message };
  } catch (error) {
    return { kind: 'bad', message: error instanceof Error ? error.message : String(error) };
  }
}

/**
 * @typedef {{ only?: string[], seconds?: string, connections?: string[], peers?: boolean, growth?: boolean, soak?: boolean, minutes?: string, store?: string, quick?: boolean, json?: boolean, strict?: boolean, gateway?: string, help?: boolean }} Values
 */

/** @param {Values} values @returns {Options} */
function toOptions(values) {
  const { only = [], quick = false, json = false, strict = false, help = false, gateway = null } = values;
  const size = quick ? QUICK : FULL;
  const experiment = asked(values)[0] ?? 'benchmark';
  const seconds = values.seconds === undefined ? size.seconds : Number(values.seconds);
  const connections = values.connections?.map(Number) ?? size.connections;
  const minutes = Number(values.minutes ?? (quick ? QUICK_SOAK_MINUTES : LONG_SOAK_MINUTES));
  const complete = !quick && gateway === null && only.length === 0 && connections.length >= 3;
  return {
    ...size,
    experiment,
    only,
    seconds,
    connections,
    minutes,
    store: values.store === 'postgres' ? 'postgres' : 'sqlite',
    quick,
    json,
    strict,
    help,
    gateway,
    keep: complete && (experiment !== 'soak' || minutes >= LONG_SOAK_MINUTES),
  };
}

/** @param {Values} values @returns {Experiment[]} */
function asked(values) {
  return /** @type {const} */ (['peers', 'growth', 'soak']).filter((name) => values[name]);
}

/** @param {Options} options @param {Values} values */
function findFault({ only, seconds, connections, minutes, experiment }, values) {
  const unknown = only.find((name) => !PARTS.includes(name));
  if (unknown !== undefined) return `there is no experiment ${unknown}; there are ${PARTS.join(', ')}`;
  if (!(seconds >= 0.2 && seconds <= 60)) return '--seconds: expected 0.2 to 60';
  if (!connections.every((n) => Number.isInteger(n) && n >= 1 && n <= MOST_CONNECTIONS)) {
    return `--connections: expected 1 to ${MOST_CONNECTIONS}`;
  }
  if (asked(values).length > 1) return `${asked(values).map((name) => `--${name}`)}: expected one of them`;
  if (experiment !== 'benchmark' && only.length > 0) return `--only: has no meaning with --${experiment}`;
  if (experiment !== 'soak' && (values.minutes ?? values.store) !== undefined) {
    return '--minutes and --store: have no meaning without --soak';
  }
  if (!(minutes >= 0.05 && minutes <= MOST_SOAK_MINUTES)) {
    return `--minutes: expected 0.05 to ${MOST_SOAK_MINUTES}`;
  }
  if (!['sqlite', 'postgres', undefined].includes(values.store)) {
    return '--store: expected sqlite or postgres';
  }
  return null;
}
