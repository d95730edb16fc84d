import { callUntilItWorks } from '../agents/naive-agent.mjs';
import { check, measure } from './checks.mjs';
/** @import { Scene } from '../types.ts' */

const PARAMS = { from: 'usd', to: 'eur' };
const TIMEOUT_MS = 400;
const RETRIES = 2;
/** How long the demo watches the naive agent. */
const WATCHED_TRIES = 8;
const FOR_GOOD = 1_000_000;

const toRate = measure('exchange_rate asked', { kind: 'request', subject: 'exchange_rate' });
const toHistory = measure('rate_history asked (it is down)', {
  kind: 'request',
  subject: 'rate_history',
});

/**
 * @param {{ readonly failFirst: number }} options How many first calls of exchange_rate fail (FLAKY_FAIL_FIRST_N).
 * @returns {Scene}
 */
export function createTimeoutScene({ failFirst }) {
  const recovers = failFirst <= RETRIES;
  return {
    id: 'timeout',
    title: 'Tool timeout recovered with bounded retry',
    story: `A read tool fails ${times(failFirst)} (timeout, 503, cut connection), another one is down for good.`,
    faults: { failFirst: { exchange_rate: failFirst, rate_history: FOR_GOOD } },
    measures: [toRate, toHistory],

    async naive({ tell, flaky }) {
      const agent = { mcpUrl: flaky.mcpUrl, tell, timeoutMs: TIMEOUT_MS, atMost: WATCHED_TRIES };
      await callUntilItWorks(agent, 'exchange_rate', PARAMS);
      await callUntilItWorks(agent, 'rate_history', PARAMS);
    },

    async throughInvoke({ invoke }) {
      for (const tool of ['exchange_rate', 'rate_history']) {
        await invoke.call({
          tool,
          params: PARAMS,
          agent_id: 'pricing_agent',
          failure_policy: { retry: RETRIES, on_failure: 'error' },
        });
      }
    },

    expect({ naive, invoke, answers: [rate, history] }) {
      const attempts = Math.min(failFirst, RETRIES) + 1;
      return [
        check(
          recovers
            ? `the flaky tool is recovered in ${attempts} attempts`
            : `the flaky tool is given up after exactly ${attempts} attempts`,
          toRate.count(invoke) === attempts && rate?.body.status === (recovers ? 'completed' : 'failed'),
        ),
        check(
          `the dead tool is given up after exactly ${RETRIES + 1} attempts`,
          toHistory.count(invoke) === RETRIES + 1 && history?.body.status === 'failed',
        ),
        check(
          'the naive loop does not stop by itself',
          toRate.count(naive) === Math.min(failFirst + 1, WATCHED_TRIES) &&
            toHistory.count(naive) === WATCHED_TRIES,
        ),
      ];
    },
  };
}

/** @param {number} n */
function times(n) {
  return n === 0 ? 'never' : n === 1 ? 'once' : n === 2 ? 'twice' : `${n} times`;
}
