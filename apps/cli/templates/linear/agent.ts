// An agent's side of it: `npm run agent`, with INVOKE_API_KEY in .env.
import { Invoke } from './sdk';

const invoke = Invoke.fromEnv();

const result = await invoke.call({
  tool: 'linear_create_issue',
  params: { team_id: process.env['LINEAR_TEAM_ID'], title: 'Investigate webhook drift' },
  agentId: '{{name}}',
  idempotencyKey: `linear:Investigate-webhook-drift:${process.env['LINEAR_TEAM_ID']}`,
});
console.log(result.status, 'result' in result ? result.result : result.detail);
