import { styleText } from 'node:util';
/** @import { Tone } from '../types.ts' */

/**
 * How the output looks: colours and box characters for people at a terminal, plain text for everything else.
 * @typedef {object} Look
 * @property {number} width In characters.
 * @property {(text: string, style: 'bold' | 'dim' | 'red' | 'green' | 'cyan') => string} style
 * @property {{ rule: string, tick: string, cross: string }} marks
 */

const NARROWEST = 40;
const WIDEST = 112;
const PIPED_WIDTH = 100;
/** Of a terminal that says 0. */
const UNKNOWN_WIDTH = 80;

/**
 * The look for a stream. styleText knows NO_COLOR, FORCE_COLOR and whether the stream is a terminal.
 * @param {NodeJS.WriteStream} stream
 * @returns {Look}
 */
export function createLook(stream) {
  const terminal = stream.isTTY === true;
  return {
    width: Math.max(NARROWEST, Math.min(WIDEST, terminal ? stream.columns || UNKNOWN_WIDTH : PIPED_WIDTH)),
    style: (text, style) => (text === '' ? '' : styleText(style, text, { stream })),
    marks: terminal ? { rule: '─', tick: '✔', cross: '✘' } : { rule: '-', tick: '[ok]', cross: '[FAILED]' },
  };
}

/** @param {Look} look @param {string} text @param {Tone} tone */
export function paint(look, text, tone) {
  switch (tone) {
    case 'plain':
      return text;
    case 'good':
      return look.style(text, 'green');
    case 'bad':
      return look.style(text, 'red');
    case 'dim':
      return look.style(text, 'dim');
  }
}
