import { parseArgs } from 'node:util';

export const HELP = `Plays production failures twice, straight at the tools and through Invoke, and counts what happened.

  ./demo/run_demo.sh [options]

  --scene <id>      play only this scene (may be given more than once)
  --list            list the scenes
  --json            print the reports as JSON
  --gateway <file>  play on another build of the gateway
  --help            this text

  FLAKY_FAIL_FIRST_N=<n>   how many first calls of the flaky tool fail (0 to 50, default 2)

Exit codes: 0 all scenes came out as claimed, 1 one did not, 2 wrong usage, 130 interrupted.
`;

/**
 * @typedef {object} Options
 * @property {readonly string[]} scenes Empty: all of them.
 * @property {boolean} json
 * @property {boolean} list
 * @property {boolean} help
 * @property {string | null} gateway
 * @property {number} failFirst
 */

/**
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string | undefined>>} env
 * @returns {{ kind: 'ok', options: Options } | { kind: 'bad', message: string }}
 */
export function parseOptions(args, env) {
  const failFirst = parseFailFirst(env['FLAKY_FAIL_FIRST_N']);
  if (failFirst === null)
    return { kind: 'bad', message: 'FLAKY_FAIL_FIRST_N: expected a whole number from 0 to 50' };
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        scene: { type: 'string', multiple: true },
        list: { type: 'boolean' },
        json: { type: 'boolean' },
        gateway: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    const { scene = [], list = false, json = false, help = false, gateway = null } = values;
    return { kind: 'ok', options: { scenes: scene, list, json, help, gateway, failFirst } };
  } catch (error) {
    return { kind: 'bad', message: error instanceof Error ? error.message : String(error) };
  }
}

const DEFAULT_FAIL_FIRST = 2;
const MOST_FAILURES = 50;

/** @param {string | undefined} text @returns {number | null} */
function parseFailFirst(text) {
  if (text === undefined || text === '') return DEFAULT_FAIL_FIRST;
  return /^\d{1,2}$/.test(text) && Number(text) <= MOST_FAILURES ? Number(text) : null;
}

/**
 * The scenes to play.
 * @template {{ readonly id: string }} S
 * @param {readonly S[]} scenes
 * @param {readonly string[]} names
 * @returns {{ kind: 'ok', chosen: readonly S[] } | { kind: 'bad', message: string }}
 */
export function chooseScenes(scenes, names) {
  if (names.length === 0) return { kind: 'ok', chosen: scenes };
  const unknown = names.find((name) => !scenes.some((s) => s.id === name));
  if (unknown !== undefined) {
    return {
      kind: 'bad',
      message: `there is no scene ${unknown}; there are ${scenes.map((s) => s.id).join(', ')}`,
    };
  }
  return { kind: 'ok', chosen: scenes.filter((s) => names.includes(s.id)) };
}
