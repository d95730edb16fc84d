import { setTimeout as sleep } from 'node:timers/promises';
import { check, measure } from './checks.mjs';
/** @import { InvokeAnswer, Scene, ToolServer } from '../types.ts' */

const PARAMS = { payment_id: 'pay_77', customer_id: 'cust_123', amount: 2400, currency: 'usd' };
const TIMEOUT_MS = 500;

const charges = measure('pay_77 charged', { kind: 'charge', subject: 'pay_77' });

/** @type {Scene} */
export const killScene = {
  id: 'kill',
  title: 'Gateway killed in the middle of a charge, and nothing charged twice',
  story: 'The money is taken, the answer is not there yet, and what waits for it dies (kill -9).',
  faults: { loseAnswers: { payments_charge: 1 } },
  measures: [charges],

  async naive({ tell, business, chapter, spawnAgent }) {
    const args = [business.mcpUrl, String(TIMEOUT_MS), JSON.stringify(PARAMS)];
    const first = spawnAgent('agents/charging-agent.mjs', args);
    await untilCharged(business, chapter);
    await first.kill();
    tell('the ledger has the charge; the agent is killed', 'bad');
    tell('the agent is started again, and its task with it', 'dim');
    for (const line of await spawnAgent('agents/charging-agent.mjs', args).ended) tell(line);
  },

  async throughInvoke({ tell, business, chapter, gateway, invoke }) {
    const call = {
      tool: 'payments_charge',
      params: PARAMS,
      agent_id: 'billing_agent',
      idempotency_key: 'charge:pay_77',
    };
    const cut = invoke.call(call).catch(() => {});
    await untilCharged(business, chapter);
    await gateway.kill();
    await cut;
    tell('the ledger has the charge; the gateway is killed', 'bad');
    await gateway.start();
    tell('the gateway is started again on the same file', 'dim');
    tell('the agent repeats its call with the same key', 'dim');
    await untilSettled(() => invoke.call(call, { waitSeconds: 5 }));
  },

  expect({ naive, invoke, answers, executions }) {
    return [
      check('without Invoke the customer is charged twice', charges.count(naive) === 2),
      check('through Invoke the customer is charged once', charges.count(invoke) === 1),
      check(
        'the agent learns that the payment went through',
        answers.at(-1)?.body.status === 'outcome_reconciled',
      ),
      check(
        'the execution tells that it was taken over and looked up',
        executions.length === 1 &&
          executions[0]?.trace.some((s) => s.step === 'taken_over') === true &&
          executions[0].lookups.some((l) => l.verdict === 'applied'),
      ),
    ];
  },
};

const POLL_MS = 10;
const PATIENCE_MS = 10_000;

/** @param {ToolServer} business @param {string} chapter */
async function untilCharged(business, chapter) {
  const until = performance.now() + PATIENCE_MS;
  while (charges.count(await business.ledger(chapter)) === 0) {
    if (performance.now() > until) throw new Error('the charge did not reach the ledger');
    await sleep(POLL_MS);
  }
}

/** In doubt an agent may come back with the same key as often as it likes. */
const COME_BACK_AFTER_MS = 300;

/** Answers that say: not yet. */
const STILL_OPEN = [202, 409];

/** What the last answer is worth is for the checks to say. @param {() => Promise<InvokeAnswer>} repeat */
async function untilSettled(repeat) {
  const until = performance.now() + PATIENCE_MS;
  while (STILL_OPEN.includes((await repeat()).http) && performance.now() < until) {
    await sleep(COME_BACK_AFTER_MS);
  }
}
