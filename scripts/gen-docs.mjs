// Writes the pages of docs/ that tell what the code holds as data, so that no page repeats what the program says:
//   node scripts/gen-docs.mjs           writes docs/pipeline.md, docs/states.md, docs/errors.md, and the marked parts of
//                                       docs/architecture.md and README.md
//   node scripts/gen-docs.mjs --check   writes nothing; ends with 1 and names the pages that are not current
// Reads the sources themselves, so it needs no build.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { join } from 'node:path';

const USAGE = `npm run docs              writes the generated pages and parts of pages anew
npm run docs -- --check   writes nothing; ends with 1 and names the pages that are not current`;

const check = readCheck();
const root = join(import.meta.dirname, '..');
readSources();
const { ERROR_CATALOGUE } = await import('../packages/contract/src/errors.ts');
const { PIPELINE } = await import('../packages/core/src/domain/pipeline.ts');
const { EXECUTION_TRANSITIONS } = await import('../packages/core/src/domain/execution/execution-state.ts');
const { chaosFigures } = await import('../test/faults/report/report.ts');
const zones = JSON.parse(read('test/architecture/zones.json'));

const pages = {
  'docs/pipeline.md': pipelinePage(),
  'docs/states.md': statesPage(),
  'docs/errors.md': errorsPage(),
  'docs/architecture.md': withGenerated('docs/architecture.md', {
    'test/architecture/zones.json': importsTable(),
  }),
  'README.md': withGenerated('README.md', {
    'demo/first-call.ts': ['```ts', read('demo/first-call.ts').trimEnd(), '```'].join('\n'),
    'faults/rounds-*.jsonl': faultsTable(),
  }),
};
const stale = Object.keys(pages).filter((file) => read(file) !== pages[file]);
if (!check) for (const file of stale) writeFileSync(join(root, file), pages[file]);
else if (stale.length > 0) {
  console.error(`not current: ${stale.join(', ')}; run node scripts/gen-docs.mjs`);
  process.exitCode = 1;
}

/** Whether nothing is to be written; ends the process where help is asked for, or the command line is wrong. */
function readCheck() {
  const args = process.argv.slice(2);
  const stranger = args.find((word) => !['--check', '--help', '-h'].includes(word));
  if (stranger !== undefined) {
    console.error(`There is no option ${stranger}.\n\n${USAGE}`);
    process.exit(2);
  }
  if (args.includes('--help') || args.includes('-h')) {
    console.log(USAGE);
    process.exit(0);
  }
  return args.includes('--check');
}

/** Node strips the types of the sources; their imports end in .js, and workspace packages are taken from their sources too. */
function readSources() {
  registerHooks({
    resolve(specifier, context, next) {
      const conditions = [...context.conditions, '@invoke/source'];
      const fromSource = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
      return next(fromSource ? specifier.replace(/\.js$/, '.ts') : specifier, { ...context, conditions });
    },
  });
}

function pipelinePage() {
  const rows = PIPELINE.map((stage, i) => [
    i + 1,
    code(stage.name),
    stage.gathers,
    stage.decides,
    stage.applies,
    codes(stage.refusals),
  ]);
  return page({
    title: 'The pipeline',
    source: 'packages/core/src/domain/pipeline.ts',
    intro: `Every call walks this list, from whichever entry it comes. The order is the precedence: a call that would fail at several
stages is answered by the earliest. ${PIPELINE.filter((s) => s.runs === 'always')
      .map((s) => code(s.name))
      .join(' and ')} also run when an earlier stage has stopped the call.`,
    body: [
      table(['', 'stage', 'gathers', 'decides', 'applies', 'may stop with'], rows),
      '## Why they stand where they stand',
      PIPELINE.map((stage) => `- **${stage.name}**: ${stage.why}`).join('\n'),
      'The codes are explained in [errors.md](errors.md). How to add a stage: [how-to-add-a-stage.md](how-to-add-a-stage.md).',
    ],
  });
}

function statesPage() {
  const states = Object.keys(EXECUTION_TRANSITIONS);
  const moves = Object.entries(EXECUTION_TRANSITIONS).flatMap(([from, row]) =>
    Object.entries(row).map(([event, to]) => ({ from, event, to })),
  );
  const terminal = states.filter((state) => !moves.some((move) => move.from === state));
  const diagram = [
    'stateDiagram-v2',
    `    [*] --> ${states[0]}`,
    ...moves.map(({ from, event, to }) => `    ${from} --> ${to}: ${event}`),
    ...terminal.map((state) => `    ${state} --> [*]`),
  ];
  return page({
    title: 'The states of an execution',
    source: 'packages/core/src/domain/execution/execution-state.ts',
    intro: `A row moves only by compare-and-set, along these transitions. What holds in each state stands beside the table in the source.
${codes(terminal)} are final: the recorded answer never changes again.`,
    body: [
      ['```mermaid', ...diagram, '```'].join('\n'),
      table(
        ['from', 'event', 'to'],
        moves.map(({ from, event, to }) => [code(from), code(event), code(to)]),
      ),
    ],
  });
}

function errorsPage() {
  const rows = Object.entries(ERROR_CATALOGUE).map(([name, { status, title, retry, summary }]) => [
    code(name),
    status,
    code(retry),
    title,
    summary,
  ]);
  return page({
    title: 'Errors',
    source: 'packages/contract/src/errors.ts',
    intro: `Every error answer is a problem document (RFC 9457, \`application/problem+json\`); \`code\` is one of these words, and clients may
branch on it. \`retry\` is advice: \`never\` (the same request fails again), \`safe\` (nothing was executed, try again),
\`after_reconcile\` (something may have been executed: read the execution first).

\`retryable\` and \`x-should-retry\` say whether to send this very request once more: never where an execution is recorded for it,
because its key would get the same answer. \`decision\` says what may be done about the call itself: \`retry_allowed\` (it certainly
had no effect: another one, under another key, can do no harm), \`do_not_retry\` (it took effect, or what is in the way stays there
until somebody changes the address, the set-up of the tool or the params), \`review\` (nobody knows yet).`,
    body: [table(['code', 'status', 'retry', 'title', 'when, and what to do'], rows)],
  });
}

function importsTable() {
  const rows = zones.map(({ zone, path, may, types, npm, node }) => {
    const inside = [...may.map(code), ...types.map((name) => `${code(name)} (types)`)].join(', ');
    const packages = npm === undefined ? 'what it declares' : npm.map(code).join(', ');
    // A rule can be there before the code that it is for.
    const name = existsSync(join(root, path.split('[')[0])) ? code(zone) : `${code(zone)} (planned)`;
    return [name, inside || 'nothing', packages || 'none', node === false ? 'no' : 'yes'];
  });
  return table(['zone', 'may import', 'from npm', 'Node modules'], rows);
}

/** Of the figures in faults/RESULTS.md those that tell what was done to the gateways, and what came of it. */
function faultsTable() {
  const shown = /^(?:minutes|executions|kill -9|pauses|database crashes|lines cut|taken over|\*\*.*)$/;
  const rounds = ['postgres', 'sqlite'].flatMap((store) =>
    read(`faults/rounds-${store}.jsonl`)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  );
  const [head, ...rows] = chaosFigures(rounds);
  return table(
    head,
    rows.filter(([name]) => shown.test(name)),
  );
}

function page({ title, source, intro, body }) {
  const note = `<!-- Written by scripts/gen-docs.mjs from ${source}. -->`;
  return `${[`# ${title}`, note, intro, ...body].join('\n\n')}\n`;
}

/** The page with what stands between its marks replaced: generated text by the source that its mark names. */
function withGenerated(file, parts) {
  return Object.entries(parts).reduce((text, [source, generated]) => {
    const mark = `<!-- generated by scripts/gen-docs.mjs from ${source} -->\n`;
    const start = text.indexOf(mark);
    const end = text.indexOf('<!-- end -->', start);
    if (start < 0 || end < 0) throw new Error(`${file} has lost its marks for ${source}`);
    return `${text.slice(0, start)}${mark}\n${generated}\n\n${text.slice(end)}`;
  }, read(file));
}

/** Aligned as prettier aligns it. */
function table(head, rows) {
  const cells = [head, ...rows].map((row) => row.map((cell) => String(cell).replaceAll('|', '\\|')));
  const widths = head.map((_, i) => Math.max(3, ...cells.map((row) => row[i].length)));
  const line = (row) => `| ${row.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  const [first, ...rest] = cells;
  return [line(first), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join('\n');
}

function codes(names) {
  return names.map(code).join(', ');
}

function code(text) {
  return `\`${text}\``;
}

function read(file) {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}
