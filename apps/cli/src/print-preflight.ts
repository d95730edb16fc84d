import type { Preflight } from '@invoke/sdk';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Terminal } from './output/terminal.js';
import type { WireShape } from './wire.js';

export function printPreflight(view: Preflight, terminal: Terminal): void {
  const { subject, simulation, warnings, recommendedGuardrails: guardrails, safeFixes } = view;
  const { similarTraces, completed, failed, unknown } = simulation;
  const facts = [
    ['tool', subject.tool],
    ['safety class', subject.safetyClass],
    ['risk', `${view.riskScore} (${view.riskScoreNumeric} of 100)`],
    ['decision', view.decision],
    ['code', view.code],
    ['reason', view.reason],
    ['similar calls', `${similarTraces}: ${completed} completed, ${failed} failed, ${unknown} unknown`],
    ['key to use', safeFixes.idempotencyKey],
  ] as const;
  terminal.printTable(
    facts.filter(([, value]) => value !== null),
    [
      { header: 'fact', value: ([name]) => name },
      { header: 'value', value: ([, value]) => value },
    ],
  );
  if (warnings.length > 0) {
    terminal.print('');
    terminal.printTable(warnings, [
      { header: 'severity', value: (row) => row.severity },
      { header: 'warning', value: (row) => row.message },
    ]);
  }
  if (guardrails.length > 0) {
    terminal.print('');
    terminal.printTable(guardrails, [
      { header: 'guardrail', value: (row) => row.type },
      { header: 'applied', value: (row) => row.applied },
      { header: 'action', value: (row) => row.action },
    ]);
  }
}

export const PREFLIGHT_SHAPE: WireShape = {
  subject: {},
  simulation: {},
  warnings: {},
  recommendedGuardrails: {},
  safeFixes: {},
};

/** The exit code that tells what would happen. */
export function exitOfPreflight({ decision, code }: Preflight): ExitCode {
  if (code === 'replan_required') return EXIT.replanRequired;
  return EXIT_OF[decision];
}

const EXIT_OF: Readonly<Record<Preflight['decision'], ExitCode>> = {
  execute: EXIT.ok,
  replay: EXIT.ok,
  block: EXIT.blocked,
  require_approval: EXIT.pendingApproval,
  wait: EXIT.outcomeUnknown,
};
