// What a decision costs inside of the process: scope, entity, 1,000 rules and the lookup of budgets, without any I/O.
//   node bench/decision.mjs
// It is also an experiment of the benchmark: npm run bench -- --only decision. Reads the sources, so it needs no build.
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { percentile } from './statistics.mjs';
/** @import { DecisionResult } from './types.ts' */

const CORE = new URL('../packages/core/src/', import.meta.url);
const RULES = 1_000;
const TOOLS = 200;
const BUDGETS = 50;
const SIZES = { warmUp: 4_000, decisions: 10_000 };
/** @type {readonly never[]} */
const NO_TENANTS = [];
const QUICK_SIZES = { warmUp: 2_000, decisions: 5_000 };

if (process.argv[1] !== undefined && pathToFileURL(resolve(process.argv[1])).href === import.meta.url) {
  for (const { title, medianUs, p99Us } of await measureDecision())
    process.stdout.write(
      `${title}: median ${medianUs.toFixed(1)} us (at most 50), p99 ${p99Us.toFixed(1)} us (at most 1,000)\n`,
    );
}

/**
 * @param {{ readonly quick?: boolean }} [options]
 * @returns {Promise<readonly DecisionResult[]>} The first is the one that the targets are for.
 */
export async function measureDecision({ quick = false } = {}) {
  const parts = await loadParts();
  const sizes = quick ? QUICK_SIZES : SIZES;
  return [
    measure(`${RULES} rules, nineteen of twenty pinned to a tool or an action`, someRules(19), {
      parts,
      sizes,
    }),
    measure(`${RULES} rules, none of them pinned`, someRules(0), { parts, sizes }),
  ];
}

/**
 * @param {string} title @param {readonly object[]} rules
 * @param {{ readonly parts: any, readonly sizes: typeof SIZES }} with
 * @returns {DecisionResult}
 */
function measure(title, rules, { parts, sizes }) {
  const decide = createDecider(rules, parts);
  const calls = Array.from({ length: 101 }, (_, i) => aCall(i, parts));
  for (let i = 0; i < sizes.warmUp; i += 1) decide(calls[i % calls.length]);
  const times = new Float64Array(sizes.decisions);
  for (let i = 0; i < sizes.decisions; i += 1) {
    const call = calls[i % calls.length];
    const from = performance.now();
    decide(call);
    times[i] = (performance.now() - from) * 1_000;
  }
  const sorted = [...times.sort()];
  return { title, medianUs: percentile(sorted, 0.5), p99Us: percentile(sorted, 0.99) };
}

/** @param {readonly object[]} rules @param {any} parts */
function createDecider(rules, { core }) {
  const language = core.createExpressionLanguage();
  const log = { info() {}, warn() {}, error: (/** @type {string} */ event) => fail(event) };
  const policies = core.createPolicies({ language, log, tools: { policies: () => NO_TENANTS } });
  const budgets = Array.from({ length: BUDGETS }, (_, i) => ({
    id: `budget_${i}`,
    per: 'agent',
    window: 'day',
    max_calls: 1_000_000,
    when: `action == action_${i}`,
  }));
  const set = policies.setOperatorDocument({ rules, budgets, tests: [] });
  if (set.kind !== 'ok') fail(set.refusal.message);
  return (/** @type {any} */ call) => {
    const { principal, tool, params, request, at } = call;
    expectProceed(core.decideScope({ principal, tool, params, request }));
    expectProceed(core.decideEntity({ ...call.entity, card: tool.card, params }));
    const facts = core.toPolicyFacts({ ...call.judged, tool, params, now: at });
    const verdict = policies.judge(principal.tenant, facts, null);
    if (verdict.kind === 'deny' || verdict.kind === 'conflict') fail(verdict.kind);
    const { keyId, tenant } = principal;
    const money = { tenant, keyId, agentId: request.agent_id, tool, params, facts: { ...facts }, at };
    if (core.decideBudget(policies.budgets(tenant), money).kind !== 'charges') fail('budget');
  };
}

/** @param {{ readonly kind: string }} decision */
function expectProceed(decision) {
  if (decision.kind !== 'proceed') fail(JSON.stringify(decision));
}

/** @param {string} why @returns {never} */
function fail(why) {
  throw new Error(`a decision of the benchmark went wrong: ${why}`);
}

/** @param {number} pinned How many of twenty name a tool or an action. */
function someRules(pinned) {
  return Array.from({ length: RULES }, (_, i) => ({
    id: `rule_${i}`,
    when: i % 20 < pinned ? pinnedRule(i) : openRule(i),
    effect: i % 2 === 0 ? 'require_approval' : 'deny',
    priority: 0,
  }));
}

/** @param {number} i */
function openRule(i) {
  return i % 40 < 20
    ? `customer.country == "X${i}" and params.amount > ${i}`
    : `params.amount > ${10_000 + i} or params.branch == "release/${i}"`;
}

/** @param {number} i */
function pinnedRule(i) {
  if (i % 3 === 0) return `tool == "tool.${i % TOOLS}" and params.amount > ${1_000 + i}`;
  if (i % 3 === 1) return `action in [action_${i % TOOLS}, other_${i}] and branch == never and env == prod`;
  return `action == action_${i % TOOLS} and not (params.amount < 1000000) and risk in [high, critical]`;
}

/** @param {number} i @param {any} parts */
function aCall(i, { tool, principal }) {
  const request = { agent_id: `agent_${i % 7}`, action: `action_${i % TOOLS}`, env: 'prod' };
  const resolved = {
    entity_id: `cust_${i}`,
    source: 'crm.lookup',
    resolved_at: '2026-11-23T10:00:00Z',
  };
  const params = { customer_id: `cust_${i}`, amount: i, branch: 'main', customer: { country: 'DE' } };
  return {
    principal,
    tool: tool(`tool.${i % TOOLS}`),
    params,
    request,
    at: 1_795_428_000_000,
    entity: { resolution: resolved, executionState: null, liveState: null, unsettledWrite: null },
    judged: {
      action: request.action,
      agentId: request.agent_id,
      workflow: null,
      env: 'prod',
      intent: null,
      executionState: { variables: { customer_id: `cust_${i}` } },
      entityResolution: resolved,
      state: null,
      frozen: null,
    },
  };
}

/** The parts of the core that decide, from their sources: they are no part of what the package offers. */
async function loadParts() {
  registerHooks({
    resolve(specifier, context, next) {
      const conditions = [...context.conditions, '@invoke/source'];
      const fromSource = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
      return next(fromSource ? specifier.replace(/\.js$/, '.ts') : specifier, { ...context, conditions });
    },
  });
  const load = (/** @type {string} */ file) => import(fileURLToPath(new URL(file, CORE)));
  const files = [
    'engine/expression/cel-language.ts',
    'engine/policy/create-policies.ts',
    'domain/access/decide-scope.ts',
    'domain/access/to-principal.ts',
    'domain/entity/decide-entity.ts',
    'domain/policy/to-policy-facts.ts',
    'domain/budget/decide-budget.ts',
    'domain/test-tools.ts',
  ];
  const core = Object.assign({}, ...(await Promise.all(files.map(load))));
  const tool = (/** @type {string} */ name) =>
    core.aTool({
      name,
      entities: [{ field: '/customer_id' }],
      resources: [{ field: '/branch', prefix: 'git:' }, { field: '/customer_id' }],
    });
  const principal = core.toPrincipal('key_bench', {
    tenant: 'default',
    read_only: false,
    scopes: ['tools:call'],
    allowed_tools: Array.from({ length: TOOLS }, (_, i) => `tool.${i}`),
    envs: ['prod'],
    allowed_actions: Array.from({ length: TOOLS }, (_, i) => `action_${i}`),
    resources: ['git:main', ...Array.from({ length: 101 }, (_, i) => `cust_${i}`)],
  });
  return { core, tool, principal };
}
