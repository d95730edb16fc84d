import type {
  PolicyCheckAnswer,
  PolicyCheckRequest,
  PolicyDocument,
  PolicyExplainAnswer,
  PolicyExplainRequest,
  PolicyMistake,
  PolicySimulateAnswer,
  PolicySimulateRequest,
  PolicyTestAnswer,
  PolicyTestRequest,
  Refusal,
  SampleCall,
} from '@invoke/contract';
import { decideHeldScope } from '../../domain/access/decide-principal.js';
import type { Principal } from '../../domain/access/principal.js';
import { refuse } from '../../domain/decision.js';
import { compilePolicy } from '../../domain/policy/compile-policy.js';
import type { CompiledPolicy } from '../../domain/policy/compiled-policy.js';
import { decidePolicy } from '../../domain/policy/decide-policy.js';
import { findDoubts } from '../../domain/policy/find-doubts.js';
import type { PolicyFacts } from '../../domain/policy/policy-verdict.js';
import { invariant } from '../../domain/invariant.js';
import { decideTool } from '../../domain/tool/decide-tool.js';
import { indexRules } from '../../domain/policy/rule-index.js';
import { toPolicyOutcome } from '../../domain/policy/to-policy-outcome.js';
import type { EngineDeps } from '../deps.js';
import { backtest, type Compared } from './backtest.js';
import { explainRules } from './explain-rules.js';
import { judgeCall } from './judge-call.js';
import { refusePolicy } from './refuse-policy.js';
import { runPolicyTests, type Unasked } from './run-policy-tests.js';
import { sampleFacts } from './sample-facts.js';

export type Tried<T> =
  { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Ways to try a policy out. None of them changes anything. */
export interface PolicyTrials {
  checkPolicy(request: PolicyCheckRequest): PolicyCheckAnswer;
  /** Without a document it is the stored one, which needs `providers:admin`. */
  testPolicy(principal: Principal, request: PolicyTestRequest): Tried<PolicyTestAnswer>;
  explainPolicy(principal: Principal, request: PolicyExplainRequest): Tried<PolicyExplainAnswer>;
  simulatePolicy(principal: Principal, request: PolicySimulateRequest): Promise<Tried<PolicySimulateAnswer>>;
}

export function createPolicyTrials(deps: EngineDeps): PolicyTrials {
  return {
    checkPolicy: (request) => check(request, deps),
    testPolicy: (principal, request) => test(principal, request, deps),
    explainPolicy: (principal, request) => explain(principal, request, deps),
    simulatePolicy: (principal, request) => simulate(principal, request, deps),
  };
}

/** Compiles a document as the tenant's. */
export function compileDocument(
  document: PolicyDocument,
  { language }: Pick<EngineDeps, 'language'>,
  place: Place = (pointer) => pointer,
): Tried<CompiledPolicy> {
  const compiled = compilePolicy(document, 'tenant', language);
  if (compiled.kind === 'ok') return { kind: 'ok', value: compiled.policy };
  const mistakes = compiled.mistakes.map((m) => ({ ...m, pointer: place(m.pointer) }));
  return { kind: 'refused', refusal: refusePolicy('The policy', mistakes) };
}

/** From a pointer into the document to one into the request. */
type Place = (pointer: string) => string;
const IN_DOCUMENT: Place = (pointer) => `/document${pointer}`;
const IN_WHEN: Place = () => '/when';

function check({ document, when }: PolicyCheckRequest, { language }: EngineDeps): PolicyCheckAnswer {
  const compiled = compilePolicy(document ?? asDocument(when ?? ''), 'tenant', language);
  const place = document === undefined ? IN_WHEN : IN_DOCUMENT;
  const placed = (mistake: PolicyMistake) => ({ ...mistake, pointer: place(mistake.pointer) });
  return compiled.kind === 'ok'
    ? { valid: true, mistakes: [], warnings: findDoubts(compiled.policy.rules).map(placed) }
    : { valid: false, mistakes: compiled.mistakes.map(placed), warnings: [] };
}

function test(principal: Principal, request: PolicyTestRequest, deps: EngineDeps): Tried<PolicyTestAnswer> {
  const found = givenOrStored(request.document, principal, deps);
  if (found.kind === 'refused') return found;
  const document = found.value;
  const compiled = compileDocument(document, deps, IN_DOCUMENT);
  if (compiled.kind === 'refused') return compiled;
  const index = indexRules(compiled.value.rules);
  const value = runPolicyTests(request.tests ?? document.tests, {
    factsOf: ({ call }) => sampleFacts(call, principal, deps) ?? unasked(call, principal, deps),
    judge: (facts) => decidePolicy(index.candidates(facts), facts),
  });
  return { kind: 'ok', value };
}

/** As a real call of this key would be told. */
function unasked({ tool }: SampleCall, principal: Principal, { tools }: EngineDeps): Unasked {
  const decided = decideTool(principal, tool, tools.catalogue().find(principal.tenant, tool));
  invariant(
    decided.kind === 'refuse',
    'a tool that no rule can be asked about is one that may not be called',
  );
  const { code, message: why } = decided.refusal;
  if (code === 'tool_not_allowed' || code === 'tool_conflict') return { kind: 'unasked', code, why };
  return { kind: 'unasked', code: 'not_found', why };
}

/** What is stored is shown to those who may change it, also by what it decides. */
function givenOrStored(
  given: PolicyDocument | undefined,
  principal: Principal,
  { policies, tools }: EngineDeps,
): Tried<PolicyDocument> {
  if (given !== undefined) return { kind: 'ok', value: given };
  const held = decideHeldScope(principal, 'providers:admin');
  if (held.kind === 'refuse') return { kind: 'refused', refusal: held.refusal };
  const { broken } = policies.inForce(principal.tenant);
  if (broken !== null) {
    const message = `The stored policy cannot be used: ${broken}`;
    return { kind: 'refused', refusal: refuse('policy_invalid', message).refusal };
  }
  const record = tools.policies().find((p) => p.tenant === principal.tenant);
  return { kind: 'ok', value: record?.document ?? { rules: [], budgets: [], tests: [] } };
}

function explain(
  principal: Principal,
  { when, document, call }: PolicyExplainRequest,
  deps: EngineDeps,
): Tried<PolicyExplainAnswer> {
  const facts = sampleFacts(call, principal, deps);
  if (facts === null) return noTool(call);
  const given = when === undefined ? document : asDocument(when);
  if (given === undefined) return explainInForce(principal, facts, deps);
  const compiled = compileDocument(given, deps, when === undefined ? IN_DOCUMENT : IN_WHEN);
  if (compiled.kind === 'refused') return compiled;
  const { rules } = compiled.value;
  const verdict = toPolicyOutcome(decidePolicy(rules, facts));
  return { kind: 'ok', value: { verdict, ...explainRules(rules, facts, deps.language) } };
}

function explainInForce(
  { tenant }: Principal,
  facts: PolicyFacts,
  { policies, language }: EngineDeps,
): Tried<PolicyExplainAnswer> {
  const inForce = policies.inForce(tenant);
  const verdict = toPolicyOutcome(judgeCall(inForce, { facts, own: null }, language));
  const rules = [...inForce.operator.rules, ...inForce.tenant.rules];
  return { kind: 'ok', value: { verdict, ...explainRules(rules, facts, language) } };
}

async function simulate(
  principal: Principal,
  { document, last, call }: PolicySimulateRequest,
  deps: EngineDeps,
): Promise<Tried<PolicySimulateAnswer>> {
  const compiled = compileDocument(document, deps, IN_DOCUMENT);
  if (compiled.kind === 'refused') return compiled;
  const before = deps.policies.inForce(principal.tenant);
  const rules: Compared = {
    before,
    after: { ...before, tenant: indexRules(compiled.value.rules), broken: null },
  };
  const facts = call === undefined ? null : sampleFacts(call, principal, deps);
  if (call !== undefined && facts === null) return noTool(call);
  const tested = last === undefined ? null : await backtest({ principal, last }, rules, deps);
  return {
    kind: 'ok',
    value: { call: facts === null ? null : compare(facts, rules, deps), backtest: tested },
  };
}

function compare(facts: PolicyFacts, { before, after }: Compared, { language }: EngineDeps) {
  const judge = (rules: Compared['before']) =>
    toPolicyOutcome(judgeCall(rules, { facts, own: null }, language));
  return { from: judge(before), to: judge(after) };
}

/** One expression by itself: a rule that shows whether it holds. */
function asDocument(when: string): PolicyDocument {
  return { rules: [{ id: 'when', when, effect: 'allow', priority: 0 }], budgets: [], tests: [] };
}

function noTool({ tool }: SampleCall): { readonly kind: 'refused'; readonly refusal: Refusal } {
  const message = `there is no tool ${tool}`;
  const errors = [{ pointer: '/call/tool', message }];
  return { kind: 'refused', refusal: refuse('not_found', `There is no tool ${tool}.`, { errors }).refusal };
}
