// An agent's side of it: `npm run agent`, with INVOKE_API_KEY in .env.
import { Invoke } from './sdk';

const invoke = Invoke.fromEnv();

const result = await invoke.call({ tool: 'echo', params: { message: 'hello' }, agentId: '{{name}}' });
console.log(result.status, 'result' in result ? result.result : result.detail);
