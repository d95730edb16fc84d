import { CALL_OPTIONS, readCallFacts, readTimeout, TIMEOUT_OPTION } from '../call-facts.js';
import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { parseParams } from '../params/parse-params.js';
import { exitOfPreflight, PREFLIGHT_SHAPE, printPreflight } from '../print-preflight.js';
import { toWireNames } from '../wire.js';

export const preflight = defineCommand({
  describe:
    'What a call would meet if it were made now. Nothing is executed and no key is claimed. The exit code is that of the decision: 0 execute or replay, 10 block, 11 require_approval, 12 replan required, 13 wait.',
  positionals: {
    action: { describe: 'The tool, also one that is not registered', required: true },
    params: { describe: 'JSON, @file.json, - (standard input), or key=value pairs', variadic: true },
  },
  options: {
    'apply-safe-fixes': { type: 'boolean', describe: 'Mend what does not change what is done' },
    ...CALL_OPTIONS,
    ...TIMEOUT_OPTION,
    ...CONNECTION_OPTIONS,
  },
  examples: [
    { command: 'invoke preflight charge customer_id=cust_acme amount=2400', describe: 'how risky is it?' },
  ],
  async run(args, context) {
    const { io, terminal } = context;
    const params = await parseParams(args.params, io);
    const facts = await readCallFacts(args, io);
    const timeoutMs = readTimeout(args.timeoutMs);
    const { client } = await connect(context, args);
    const view = await client.preflight({
      ...facts,
      action: args.action,
      params,
      applySafeFixes: args.applySafeFixes || undefined,
      timeoutMs,
      signal: io.signal,
    });
    if (context.json || context.agent) terminal.printJson({ preflight: toWireNames(view, PREFLIGHT_SHAPE) });
    else printPreflight(view, terminal);
    return exitOfPreflight(view);
  },
});
