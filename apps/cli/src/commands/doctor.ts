import { defineCommand } from '../command.js';
import { runChecks, CHECK_NAMES, type CheckResult } from '../doctor/checks.js';
import { EXIT } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { visibleLine } from '../output/visible.js';

export const doctor = defineCommand({
  describe:
    'Finds out what is wrong. With the name of one check it is silent where all is well, else one line per problem and exit code 1: healthcheck is made for containers.',
  positionals: { check: { describe: 'One check only', choices: CHECK_NAMES } },
  options: CONNECTION_OPTIONS,
  async run(args, { io, terminal, json }) {
    const results = await runChecks(args.check === undefined ? CHECK_NAMES : [args.check], {
      io,
      flags: args,
    });
    const problems = results.filter((result) => result.kind === 'problem');
    if (json) terminal.printJson({ ok: problems.length === 0, checks: results.map(toWire) });
    else if (args.check === undefined) {
      terminal.printTable(results, [
        { header: 'check', value: (result) => result.name },
        { header: 'state', value: (result) => result.kind },
        { header: 'detail', value: (result) => result.detail },
      ]);
    }
    for (const { name, detail, next } of problems) {
      terminal.note(visibleLine(`${name}: ${detail}${next === undefined ? '' : ` (next: ${next})`}`));
    }
    return problems.length === 0 ? EXIT.ok : EXIT.failure;
  },
});

function toWire({ name, kind, detail, next }: CheckResult) {
  return { name, state: kind, detail, ...(next === undefined ? {} : { next }) };
}
