import { styleText } from 'node:util';
import type { Io, OutputStream } from '../io.js';
import { toTable, type Column } from './table.js';
import { toVisibleJson, visible } from './visible.js';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';

/** Where a command's words go: data to stdout, everything else to stderr. */
export interface Terminal {
  /** One line of data. */
  readonly print: (text: string) => void;
  /** One JSON document of data. */
  readonly printJson: (value: unknown) => void;
  readonly printTable: <Row>(rows: readonly Row[], columns: readonly Column<Row>[]) => void;
  /** A line for the person who watches. */
  readonly note: (text: string) => void;
  /** Text in a style on stderr, where that is a terminal that wants it; never the only carrier of a meaning. */
  readonly style: (style: Style, text: string) => string;
}

/** @param color what --color or --no-color says; undefined where neither was given */
export function createTerminal(io: Io, color: boolean | undefined): Terminal {
  const write = (stream: OutputStream, text: string) => stream.write(`${text}\n`);
  const styleFor = (stream: OutputStream) => {
    const on = color ?? wantsColor(io.env, stream);
    return (style: Style, text: string) => (on ? styleText(style, text, { validateStream: false }) : text);
  };
  const styleOut = styleFor(io.stdout);
  return {
    print: (text) => write(io.stdout, visible(text)),
    printJson: (value) => write(io.stdout, toVisibleJson(value)),
    printTable: (rows, columns) => {
      const width = io.stdout.isTTY === true ? io.stdout.columns : undefined;
      const [header = '', ...lines] = toTable(rows, columns, width);
      write(io.stdout, [styleOut('bold', header), ...lines].join('\n'));
    },
    note: (text) => write(io.stderr, text),
    style: styleFor(io.stderr),
  };
}

/** NO_COLOR (no-color.org) and TERM=dumb say no, FORCE_COLOR says yes; otherwise only terminals get colour. */
function wantsColor(env: Io['env'], stream: OutputStream): boolean {
  if (env['NO_COLOR'] || env['TERM'] === 'dumb') return false;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  return stream.isTTY === true;
}
