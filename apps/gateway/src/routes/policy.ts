import { PolicyDocument, PolicyView, type Refusal } from '@invoke/contract';
import { parseWith } from '@invoke/core';
import { json, problem } from '../http/reply.js';
import type { KeyedRoute } from '../route.js';

const ADMIN = ['providers:admin'] as const;

/** GET /policy: what this tenant has stored. */
export const getPolicy: KeyedRoute = {
  method: 'get',
  path: '/policy',
  summary: 'The stored rules and budgets',
  access: ADMIN,
  answers: { 200: { description: 'The document; null where there is none.', schema: PolicyView } },
  handle: ({ engine, principal }) => json(200, engine.policy(principal)),
};

/** PUT /policy: replaces it, if all of it compiles. */
export const putPolicy: KeyedRoute = {
  method: 'put',
  path: '/policy',
  summary: 'Replace the stored rules and budgets',
  access: ADMIN,
  body: PolicyDocument,
  answers: {
    200: { description: 'It is in force.', schema: PolicyView },
    422: { description: 'It does not compile: `errors` has each mistake, `caret` shows the places.' },
  },
  async handle({ engine, principal, body, requestId }) {
    const parsed = parseWith(PolicyDocument, body);
    if (parsed.kind === 'refused') return problem(toPolicyRefusal(parsed.refusal, body), { requestId });
    const saved = await engine.savePolicy(principal, parsed.value);
    return saved.kind === 'ok' ? json(200, saved.value) : problem(saved.refusal, { requestId });
  },
};

/** The answer of GET comes back as it is: its `document` is what belongs here. */
function toPolicyRefusal(refusal: Refusal, body: Readonly<Record<string, unknown>>): Refusal {
  if (!Object.hasOwn(body, 'document')) return { ...refusal, code: 'policy_invalid' };
  const message =
    'this field is not known here: GET /policy answers {document}, and what is in it is the whole body here';
  const others = (refusal.errors ?? []).filter((e) => e.pointer !== '/document');
  return {
    code: 'policy_invalid',
    message: `/document: ${message}`,
    errors: [{ pointer: '/document', message }, ...others],
  };
}
