import type {
  PolicyCheck,
  PolicyExplanation,
  PolicyMistake,
  PolicyOutcome,
  PolicySimulation,
  PolicyTestReport,
} from '@invoke/sdk';
import type { Terminal } from '../output/terminal.js';
import type { WireShape } from '../wire.js';

export const SIMULATION_SHAPE: WireShape = { backtest: { changed: {} } };

export function printMistakes({ valid, mistakes, warnings }: PolicyCheck, terminal: Terminal): void {
  for (const mistake of mistakes) terminal.print(`${toPlace('error', mistake)}\n`);
  for (const warning of warnings) terminal.print(`${toPlace('warning', warning)}\n`);
  const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`;
  terminal.note(
    valid ? `${terminal.style('green', 'valid')}` : `${terminal.style('red', 'not valid')}: ${count}`,
  );
}

/** The caret stands under its place, so all lines of the text are moved by the same. */
function toPlace(kind: string, { pointer, caret }: PolicyMistake): string {
  return [
    `${kind} at ${pointer === '' ? 'the document' : pointer}`,
    ...caret.split('\n').map((line) => `  ${line}`),
  ].join('\n');
}

export function printTestReport({ passed, failed, results }: PolicyTestReport, terminal: Terminal): void {
  if (results.length > 0) {
    terminal.printTable(results, [
      { header: 'result', value: (row) => (row.passed ? 'pass' : 'FAIL') },
      { header: 'test', value: (row) => row.name },
      { header: 'expected', value: ({ expected }) => withRule(expected.effect, expected.rule ?? null) },
      { header: 'got', value: ({ got }) => withRule(got.effect, got.rule) },
      { header: 'why', value: (row) => row.why },
    ]);
  }
  terminal.note(
    `${terminal.style(failed === 0 ? 'green' : 'red', failed === 0 ? 'passed' : 'failed')}: ${passed} of ${passed + failed}`,
  );
}

export function printExplanation({ verdict, rules, leftOut }: PolicyExplanation, terminal: Terminal): void {
  terminal.print(toSentence(verdict));
  for (const { rule, source, effect, when, value, why, parts } of rules) {
    terminal.print(`\n${rule} of ${source}, ${effect}: ${value}${why === null ? '' : ` (${why})`}`);
    terminal.print(`  when ${when}`);
    for (const part of parts) {
      const shown = part.known ? JSON.stringify(part.value) : `unknown: ${part.why}`;
      terminal.print(`  ${part.source}  =>  ${shown}`);
    }
  }
  if (leftOut > 0) terminal.note(`note: ${leftOut} more rules, all of them false, are not shown.`);
}

export function printSimulation({ call, backtest }: PolicySimulation, terminal: Terminal): void {
  if (call !== null) {
    terminal.print(`now:  ${toSentence(call.from)}`);
    terminal.print(`then: ${toSentence(call.to)}`);
  }
  if (backtest === null) return;
  if (call !== null) terminal.print('');
  if (backtest.changed.length > 0) {
    terminal.printTable(backtest.changed, [
      { header: 'execution', value: (row) => row.executionId },
      { header: 'tool', value: (row) => row.tool },
      { header: 'agent', value: (row) => row.agentId },
      { header: 'now', value: ({ from }) => withRule(from.effect, from.rule) },
      { header: 'then', value: ({ to }) => withRule(to.effect, to.rule) },
      { header: 'reason', value: ({ to }) => to.reason ?? to.undecided },
    ]);
  }
  const changes = Object.entries(backtest.changes).map(([change, count]) => `${change}: ${count}`);
  const which = changes.length === 0 ? '' : ` (${changes.join(', ')})`;
  terminal.note(`${backtest.changed.length} of ${backtest.examined} would be decided otherwise${which}`);
  if (backtest.skipped > 0)
    terminal.note(`note: ${backtest.skipped} are left out, because their tools are not known any more.`);
}

function toSentence({ effect, rule, source, reason, undecided, approvers }: PolicyOutcome): string {
  const by = rule === null ? '(no rule has a say)' : `by ${rule}${source === null ? '' : ` of ${source}`}`;
  const people = approvers > 1 ? [`${approvers} people have to approve`] : [];
  const why = [reason, undecided === null ? null : `undecided: ${undecided}`, ...people].filter(Boolean);
  return `${effect} ${by}${why.length === 0 ? '' : `: ${why.join('; ')}`}`;
}

function withRule(effect: string, rule: string | null): string {
  return rule === null ? effect : `${effect} (${rule})`;
}
