import { claimOf, copyOf, endOf } from './fill.mjs';
import { COMMON_TOOL, RARE_TOOL } from './templates.mjs';
/** @import { DatabaseStore } from '@invoke/storage/sqlite' */
/** @import { Named } from './fill.mjs' */
/** @import { ExecutionRecord } from './templates.mjs' */

/**
 * A store of some size, and what is known of its contents.
 * @typedef {object} Filled
 * @property {DatabaseStore} store
 * @property {string} tenant
 * @property {readonly ExecutionRecord[]} templates
 * @property {readonly Named[]} executions Oldest first.
 */

/** @import { Operation } from './costs.mjs' */

const PAGE = 50;
const AT_ONCE = 64;

/** What the stores themselves do. @type {readonly Operation<Filled>[]} */
export const STORE_OPERATIONS = [
  { title: 'claim, alone', times: 40, run: (filled) => timeWrites(filled, 1, 'claim') },
  { title: 'outcome, alone', times: 40, run: (filled) => timeWrites(filled, 1, 'end') },
  { title: `claim, ${AT_ONCE} at once`, times: 8, run: (f) => timeWrites(f, AT_ONCE, 'claim') },
  { title: `outcome, ${AT_ONCE} at once`, times: 8, run: (f) => timeWrites(f, AT_ONCE, 'end') },
  { title: 'replay of any key', times: 300, run: (filled) => timeReplay(filled, Infinity) },
  { title: 'replay of a key of the last 1,000', times: 300, run: (f) => timeReplay(f, 1_000) },
  list('list of the last 50', {}),
  list('by tool, a common one', { tool: COMMON_TOOL }),
  list('by tool, a rare one', { tool: RARE_TOOL }),
  list('by outcome, completed', { state: 'completed' }),
  list('by outcome, failed', { state: 'failed' }),
  list('by tool and outcome, common and failed', { tool: COMMON_TOOL, state: 'failed' }),
  list('by tool and outcome, rare and failed (none)', { tool: RARE_TOOL, state: 'failed' }),
  list('by tool and outcome, rare and completed', { tool: RARE_TOOL, state: 'completed' }),
  list('by agent', { agentId: 'agent_1' }),
];

/** @typedef {Parameters<DatabaseStore['executions']['list']>[0]} ListQuery */

/** @param {string} title @param {Partial<ListQuery>} filter @returns {Operation<Filled>} */
function list(title, filter) {
  const any = { limit: PAGE, before: null, state: null, tool: null, agentId: null };
  return {
    title,
    times: 60,
    run: ({ store, tenant }) => time(() => store.executions.list({ ...any, ...filter, tenant })),
  };
}

/** @param {Filled} filled @param {number} last How many of the newest it may be one of. */
function timeReplay({ store, executions }, last) {
  const range = Math.min(last, executions.length);
  const one = executions[executions.length - 1 - Math.floor(Math.random() * range)];
  return time(() => store.executions.recall(one?.keyDigest ?? ''));
}

/**
 * New calls, each claimed and brought to its end; only one of both is timed. Per call.
 * @param {Filled} filled @param {number} atOnce @param {'claim' | 'end'} timed
 */
async function timeWrites({ store, templates }, atOnce, timed) {
  const now = Date.now();
  /* The rare tool stays rare. */
  const common = templates.filter((t) => t.tool !== RARE_TOOL);
  const copies = Array.from({ length: atOnce }, (_, i) => {
    const template = common[(now + i) % common.length];
    if (template === undefined) throw new Error('there are no templates');
    return copyOf(template, now);
  });
  const claimMs = await time(() => Promise.all(copies.map((c) => store.executions.claim(claimOf(c)))));
  const endMs = await time(() => Promise.all(copies.map((c) => store.executions.transition(endOf(c)))));
  return (timed === 'claim' ? claimMs : endMs) / atOnce;
}

/** @param {() => Promise<unknown>} work */
async function time(work) {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
