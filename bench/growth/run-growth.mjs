import { whole } from '../tables.mjs';
import { judgeCosts, measureCosts } from './costs.mjs';
import { API_OPERATIONS, openApi } from './api-operations.mjs';
import { postgresDatabases, sqliteDatabases } from './databases.mjs';
import { fillStore } from './fill.mjs';
import { STORE_OPERATIONS } from './operations.mjs';
import { judgePruning, measurePruning } from './prune.mjs';
import { makeTemplates } from './templates.mjs';
/** @import { Conditions } from '../compare.mjs' */
/** @import { Bench, Finding } from '../experiments.mjs' */
/** @import { Table } from '../types.ts' */
/** @import { Cost } from './costs.mjs' */
/** @import { Databases, Place, Size } from './databases.mjs' */
/** @import { Filled } from './operations.mjs' */
/** @import { Pruned } from './prune.mjs' */
/** @import { ExecutionRecord } from './templates.mjs' */

const FULL = { small: 10_000, large: 1_000_000, pruned: 100_000, rounds: 9 };
const QUICK = { small: 1_000, large: 5_000, pruned: 1_000, rounds: 2 };
const DAY_MS = 86_400_000;
/** The executions of a store are spread over this long, up to now. */
const SPREAD_DAYS = 20;
/** A gateway keeps them for 30 days. */
const OUTDATED_DAYS = 40;

/**
 * @typedef {object} Grown
 * @property {string} name Of the database.
 * @property {readonly Cost[]} inStore What the operations of the store cost.
 * @property {readonly Cost[]} overApi What requests cost their callers.
 * @property {readonly Size[]} sizes Of the large store.
 * @property {number} fillSeconds
 * @property {Pruned} pruned
 */

/**
 * What operations cost when a hundred times as much is stored, how much room an execution takes, and whether pruning
 * disturbs calls.
 * @param {Bench} bench
 * @returns {Promise<Finding>}
 */
export async function runGrowth({ options, conditions }) {
  const size = options.quick ? QUICK : FULL;
  const { templates, tenant } = await makeTemplates(conditions.site);
  /** @type {Grown[]} */
  const grown = [];
  for (const open of [sqliteDatabases, postgresDatabases]) {
    const databases = await open(conditions.site.dir);
    try {
      grown.push(await grow(databases, { size, templates, tenant, conditions }));
    } finally {
      await databases.stop();
    }
  }
  return report(size, grown);
}

/** @typedef {{ readonly size: typeof FULL, readonly templates: readonly ExecutionRecord[], readonly tenant: string, readonly conditions: Conditions }} Growing */

/** @param {Databases} databases @param {Growing} growing @returns {Promise<Grown>} */
async function grow(databases, growing) {
  const { size, conditions } = growing;
  const { say } = conditions;
  const small = await fill(databases, 'small', { ...growing, count: size.small });
  say(`${databases.name}: filling ${whole(size.large)} executions`);
  const from = performance.now();
  const large = await fill(databases, 'large', { ...growing, count: size.large });
  const fillSeconds = (performance.now() - from) / 1000;
  const stores = { small: small.filled, large: large.filled };
  const inStore = await measureInStore(stores, growing);
  const overApi = await measureOverApi({ small, large }, growing);
  return {
    name: databases.name,
    inStore,
    overApi,
    sizes: large.sizes,
    fillSeconds,
    pruned: await prune(databases, growing),
  };
}

/** @param {{ readonly small: Filled, readonly large: Filled }} stores @param {Growing} growing */
async function measureInStore(stores, { size, conditions: { say } }) {
  try {
    return await measureCosts(STORE_OPERATIONS, stores, { rounds: size.rounds, say });
  } finally {
    for (const { store } of [stores.small, stores.large]) await store.close();
  }
}

/** @typedef {{ readonly place: Place, readonly filled: Filled, readonly sizes: readonly Size[] }} Full */

/** @param {{ readonly small: Full, readonly large: Full }} full @param {Growing} growing */
async function measureOverApi({ small, large }, { size, templates, conditions }) {
  const { site, say } = conditions;
  const apis = [];
  try {
    for (const { place, filled } of [small, large]) {
      apis.push(await openApi(site, place.options, { templates, executions: filled.executions }));
    }
    const [first, second] = apis;
    if (first === undefined || second === undefined) throw new Error('there are two stores');
    return await measureCosts(API_OPERATIONS, { small: first, large: second }, { rounds: size.rounds, say });
  } finally {
    for (const api of apis) await api.close();
  }
}

/**
 * @param {Databases} databases @param {string} label
 * @param {Growing & { readonly count: number, readonly days?: number }} growing
 * @returns {Promise<Full>}
 */
async function fill(databases, label, { count, templates, tenant, days = SPREAD_DAYS }) {
  const place = await databases.create(label);
  const filling = await place.open();
  const plan = {
    count,
    templates,
    from: Date.now() - days * DAY_MS,
    stepMs: Math.floor((SPREAD_DAYS * DAY_MS) / count),
  };
  const executions = await fillStore(filling, days === SPREAD_DAYS ? plan : { ...plan, stepMs: 1 });
  await filling.close();
  await place.settle();
  const sizes = await place.sizes();
  const store = await place.open();
  return { place, filled: { store, executions, templates, tenant }, sizes };
}

/** @param {Databases} databases @param {Growing} growing @returns {Promise<Pruned>} */
async function prune(databases, growing) {
  const { size, conditions } = growing;
  const old = await fill(databases, 'old', { ...growing, count: size.pruned, days: OUTDATED_DAYS });
  await old.filled.store.close();
  const { executions } = old.filled;
  return measurePruning(old.place.options, {
    conditions,
    oldest: executions[0]?.id ?? '',
    newest: executions.at(-1)?.id ?? '',
    count: size.pruned,
  });
}

/** @param {typeof FULL} size @param {readonly Grown[]} grown @returns {Finding} */
export function report(size, grown) {
  const [small, large] = [whole(size.small), whole(size.large)];
  return {
    id: 'growth',
    title: 'Growth',
    method: [
      `Method: a real gateway makes calls (of 21 tools, completed and failed); copies of what it left are written through the store's own claim and transition until ${small} and ${large} are there, one of 50 failed. Then each request is made of a gateway on either store in turns, ${size.rounds} rounds, one request at a time: that is what the target is for. The same is done with the stores alone, inside of one process, where nothing hides a part of the growth. A ratio is made of the medians of one round; the median of the rounds is shown. PostgreSQL has its default settings and is vacuumed and analyzed after it is filled, as its autovacuum would do.`,
      `Pruning: a gateway is started on a store with ${whole(size.pruned)} executions that are past their time, and called 200 times a second over 8 connections, before and while it prunes them.`,
    ],
    targets: grown.flatMap(({ name, overApi, pruned }) => [
      judgeCosts(name, overApi),
      judgePruning(name, pruned),
    ]),
    tables: [
      ...grown.flatMap(({ name, overApi, inStore }) => [
        toCostTable(`${name}: milliseconds per request, at ${small} and at ${large}`, overApi),
        toCostTable(`${name}: milliseconds in the store alone, at ${small} and at ${large}`, inStore),
      ]),
      toSizeTable(size.large, grown),
      toPruneTable(grown),
    ],
    figures: grown,
  };
}

/** @param {string} title @param {readonly Cost[]} costs @returns {Table} */
function toCostTable(title, costs) {
  return {
    title,
    head: ['operation', 'ratio', '(lowest-highest)', 'small store', 'large store'],
    rows: costs.map(({ title: operation, ratio, smallMs, largeMs }) => [
      operation,
      ratio.median.toFixed(2),
      `${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)}`,
      smallMs.toFixed(3),
      largeMs.toFixed(3),
    ]),
  };
}

/** @param {number} count @param {readonly Grown[]} grown @returns {Table} */
function toSizeTable(count, grown) {
  return {
    title: `Room for ${whole(count)} executions, indexes included`,
    head: ['', 'what', 'bytes', 'bytes per execution', 'filled in, s'],
    rows: grown.flatMap(({ name, sizes, fillSeconds }) =>
      sizes.map(({ what, bytes }) => [name, what, whole(bytes), whole(bytes / count), whole(fillSeconds)]),
    ),
  };
}

/** @param {readonly Grown[]} grown @returns {Table} */
function toPruneTable(grown) {
  return {
    title: 'Calls while executions are pruned',
    head: [
      '',
      'pruned',
      'in, s',
      'per second',
      'p50 ms before',
      'longest ms before',
      'p50 ms during',
      'longest ms during',
      'calls during',
    ],
    rows: grown.map(({ name, pruned: { count, seconds, before, during } }) => [
      name,
      whole(count),
      seconds.toFixed(1),
      whole(count / seconds),
      before.p50Ms.toFixed(2),
      before.longestMs.toFixed(0),
      during.p50Ms.toFixed(2),
      during.longestMs.toFixed(0),
      whole(during.calls),
    ]),
  };
}
