import {
  PolicyCheckAnswer,
  PolicyCheckRequest,
  PolicyExplainAnswer,
  PolicyExplainRequest,
  PolicySimulateAnswer,
  PolicySimulateRequest,
  PolicyTestAnswer,
  PolicyTestRequest,
} from '@invoke/contract';
import { parseWith } from '@invoke/core';
import { json, problem } from '../http/reply.js';
import type { KeyedRoute } from '../route.js';

/** Trying out a document that one has written oneself shows nothing of what is stored. */
const READER = ['tools:read', 'providers:admin'] as const;
/** These show the rules in force, and other agents' calls. */
const ADMIN = ['providers:admin'] as const;

const NOT_POLICY = { description: 'The request, or an expression in it, cannot be used as written.' };

/** POST /policy/check: is it written right? */
export const checkPolicy: KeyedRoute = {
  method: 'post',
  path: '/policy/check',
  summary: 'Check a policy document or one expression; changes nothing',
  access: READER,
  body: PolicyCheckRequest,
  answers: {
    200: { description: 'Valid or not, with all mistakes and warnings.', schema: PolicyCheckAnswer },
    422: NOT_POLICY,
  },
  handle({ engine, body, requestId }) {
    const parsed = parseWith(PolicyCheckRequest, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    return json(200, engine.checkPolicy(parsed.value));
  },
};

/** POST /policy/test: runs the tables that stand beside the rules. */
export const testPolicy: KeyedRoute = {
  method: 'post',
  path: '/policy/test',
  summary: 'Run the tests of a policy document; changes nothing',
  access: READER,
  body: PolicyTestRequest,
  answers: {
    200: { description: 'Which passed, which failed, and why.', schema: PolicyTestAnswer },
    422: NOT_POLICY,
  },
  handle({ engine, principal, body, requestId }) {
    const parsed = parseWith(PolicyTestRequest, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    const tested = engine.testPolicy(principal, parsed.value);
    return tested.kind === 'ok' ? json(200, tested.value) : problem(tested.refusal, { requestId });
  },
};

/** POST /policy/explain: why is this call decided as it is? */
export const explainPolicy: KeyedRoute = {
  method: 'post',
  path: '/policy/explain',
  summary: 'The value of every part of every rule for a call; changes nothing',
  access: ADMIN,
  body: PolicyExplainRequest,
  answers: {
    200: { description: 'The verdict, and each rule part by part.', schema: PolicyExplainAnswer },
    404: { description: 'There is no such tool.' },
    422: NOT_POLICY,
  },
  handle({ engine, principal, body, requestId }) {
    const parsed = parseWith(PolicyExplainRequest, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    const explained = engine.explainPolicy(principal, parsed.value);
    return explained.kind === 'ok' ? json(200, explained.value) : problem(explained.refusal, { requestId });
  },
};

/** POST /policy/simulate: what would a new document have decided? */
export const simulatePolicy: KeyedRoute = {
  method: 'post',
  path: '/policy/simulate',
  summary: 'Decide a call and the newest executions again under another document; changes nothing',
  access: ADMIN,
  body: PolicySimulateRequest,
  answers: {
    200: {
      description: 'What would be decided otherwise, how, and by which rule.',
      schema: PolicySimulateAnswer,
    },
    404: { description: 'There is no such tool.' },
    422: NOT_POLICY,
  },
  async handle({ engine, principal, body, requestId }) {
    const parsed = parseWith(PolicySimulateRequest, body);
    if (parsed.kind === 'refused') return problem(parsed.refusal, { requestId });
    const simulated = await engine.simulatePolicy(principal, parsed.value);
    return simulated.kind === 'ok' ? json(200, simulated.value) : problem(simulated.refusal, { requestId });
  },
};
