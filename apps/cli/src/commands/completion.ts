import { defineCommand } from '../command.js';
import { complete } from '../completion/complete.js';
import { completionScript, SHELLS } from '../completion/scripts.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';

export const completion = defineCommand({
  describe:
    'Prints a script that completes commands, options and, after an invoke tools, the names of tools.',
  positionals: { shell: { describe: 'Your shell (default: that of SHELL)', choices: SHELLS } },
  options: {
    words: {
      type: 'string',
      describe: 'Print the candidates for a command line instead; what the script asks for',
    },
  },
  examples: [
    {
      command: 'echo \'eval "$(invoke completion bash)"\' >> ~/.bashrc',
      describe: 'bash; the same with zsh',
    },
    { command: 'invoke completion fish > ~/.config/fish/completions/invoke.fish', describe: 'fish' },
  ],
  async run(args, { io, terminal }) {
    if (args.words !== undefined) {
      for (const candidate of await complete(args.words, io)) terminal.print(candidate);
      return EXIT.ok;
    }
    const own = io.env['SHELL']?.split('/').at(-1);
    const shell = args.shell ?? SHELLS.find((known) => known === own);
    if (shell === undefined) throw usageError('[shell] is missing.', ['invoke completion bash']);
    terminal.print(completionScript(shell));
    return EXIT.ok;
  },
});
