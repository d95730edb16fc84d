import { callUntilItWorks } from '../agents/naive-agent.mjs';
import { check, measure } from './checks.mjs';
/** @import { Scene } from '../types.ts' */

const PARAMS = { team_id: 'team_123', title: 'Investigate webhook drift' };

const issues = measure('issue created', { kind: 'issue_created' });

/** @type {Scene} */
export const duplicateScene = {
  id: 'duplicate',
  title: 'Duplicate retry replayed instead of creating a second issue',
  story: 'The agent loses its place (a restart, a replayed queue) and does the same step again.',
  faults: {},
  measures: [issues],

  async naive({ tell, business }) {
    const agent = { mcpUrl: business.mcpUrl, tell, timeoutMs: 2_000 };
    await callUntilItWorks(agent, 'issues_create', PARAMS);
    tell('the agent starts again', 'dim');
    await callUntilItWorks(agent, 'issues_create', PARAMS);
  },

  async throughInvoke({ tell, invoke }) {
    const call = {
      tool: 'issues_create',
      params: PARAMS,
      agent_id: 'prod-support-agent',
      idempotency_key: 'ticket-4711:create-issue',
    };
    await invoke.call(call);
    tell('the agent starts again', 'dim');
    await invoke.call(call);
  },

  expect({ naive, invoke, answers: [first, again] }) {
    return [
      check('without Invoke there are two issues', issues.count(naive) === 2),
      check('through Invoke there is one issue', issues.count(invoke) === 1),
      check(
        'the second answer is the first one byte for byte, but for the mark',
        first !== undefined && again?.text.replace('"replayed":true,', '') === first.text,
      ),
      check('the mark says that it is a replay', again?.body.replayed === true),
    ];
  },
};
