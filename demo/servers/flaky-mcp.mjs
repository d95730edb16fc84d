// The flaky MCP simulator: its tools only read, fail as often as the chapter says, and write every request down.
import { createLedger } from './ledger.mjs';
import { serveTools } from './mcp-server.mjs';
/** @import { Behaviour } from './mcp-server.mjs' */

/** In turn: no answer, an overloaded server, a cut connection. @type {readonly Behaviour[]} */
const FAILURES = [{ kind: 'hang' }, { kind: 'status', status: 503 }, { kind: 'reset' }];

const ledger = createLedger();

serveTools({
  name: 'flaky-rates',
  ledger,
  onChapter: () => {},
  tools: {
    exchange_rate: flakyTool('exchange_rate', "Today's rate between two currencies.", { rate: 1.09 }),
    rate_history: flakyTool('rate_history', 'The rates of the last three days.', {
      rates: [1.07, 1.08, 1.09],
    }),
  },
});

/**
 * @param {string} name
 * @param {string} description
 * @param {Readonly<Record<string, unknown>>} value What it answers when it does.
 */
function flakyTool(name, description, value) {
  return {
    description,
    inputSchema: {
      type: 'object',
      properties: { from: { type: 'string' }, to: { type: 'string' } },
      required: ['from', 'to'],
      additionalProperties: false,
    },
    /** @param {Readonly<Record<string, any>>} args @returns {Behaviour} */
    call({ from, to }) {
      const { n, fails } = ledger.countCall(name);
      /** @type {Behaviour} */
      const answer = { kind: 'answer', value: { from, to, ...value } };
      const behaviour = fails ? (FAILURES[(n - 1) % FAILURES.length] ?? answer) : answer;
      ledger.append({ kind: 'request', subject: name, detail: { n, behaviour: behaviour.kind } });
      return behaviour;
    },
  };
}
