import { parseArgs } from 'node:util';
import { MODES, type Mode } from './kit/ablations.js';

export interface RunOptions {
  readonly minutes: number;
  readonly gateways: number;
  readonly store: 'postgres' | 'sqlite';
  readonly seed: number;
  readonly mode: Mode;
  /** Goes on after the rounds that are recorded; else they are thrown away. */
  readonly resume: boolean;
  readonly ablations: boolean;
  readonly roundSeconds: number;
  /** Calls that are begun per second; null: as the profile says. */
  readonly rate: number | null;
}

export const USAGE = `Kills real gateways under load and counts what became of their calls; writes faults/RESULTS.md.

npm run faults -- [--minutes 60] [--gateways 5] [--store postgres|sqlite] [--seed N] [--resume]
                 [--mode ${MODES.join('|')}] [--round-seconds 75] [--rate N]
npm run faults -- --ablations [--seed N]`;

/** @returns 'help' where that was asked for. @throws a sentence where the arguments cannot be used */
export function parseOptions(args: readonly string[]): RunOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '5' },
      gateways: { type: 'string' },
      store: { type: 'string', default: 'postgres' },
      seed: { type: 'string', default: '1' },
      mode: { type: 'string', default: 'fenced' },
      resume: { type: 'boolean', default: false },
      ablations: { type: 'boolean', default: false },
      'round-seconds': { type: 'string', default: '75' },
      rate: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  const { store } = values;
  const mode = MODES.find((m) => m === values.mode);
  if (store !== 'postgres' && store !== 'sqlite')
    throw new Error(`--store: postgres or sqlite, not ${store}`);
  if (mode === undefined) throw new Error(`--mode: one of ${MODES.join(', ')}, not ${values.mode}`);
  const gateways = numberOf('gateways', values.gateways ?? (store === 'sqlite' ? '1' : '5'));
  if (store === 'sqlite' && gateways !== 1)
    throw new Error('--gateways: a SQLite file is used by one gateway');
  return {
    minutes: numberOf('minutes', values.minutes),
    gateways,
    store,
    seed: numberOf('seed', values.seed),
    mode,
    resume: values.resume,
    ablations: values.ablations,
    roundSeconds: numberOf('round-seconds', values['round-seconds']),
    rate: values.rate === undefined ? null : numberOf('rate', values.rate),
  };
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new Error(`--${name}: a number, not ${text}`);
  return value;
}
