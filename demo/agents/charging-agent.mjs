// An agent with one task and no memory: charge a payment. Started again, it starts the task again.
//   node charging-agent.mjs <mcp url> <timeout in ms> <params as JSON>
import { callUntilItWorks } from './naive-agent.mjs';

const [mcpUrl = '', timeoutMs = '', params = '{}'] = process.argv.slice(2);

/** @param {string} text */
const tell = (text) => process.stdout.write(`${text}\n`);

await callUntilItWorks({ mcpUrl, tell, timeoutMs: Number(timeoutMs) }, 'payments_charge', JSON.parse(params));
