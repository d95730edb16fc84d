import { defineCommand, defineGroup } from '../command.js';
import type { Context } from '../context.js';
import { failure, interruption, usageError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { installAndStart } from '../project/dev-install.js';
import { superviseDevServer } from '../project/dev-supervisor.js';
import { stopDevServer } from '../project/dev-stop.js';
import type { DevState } from '../project/dev-state.js';
import { readManifest } from '../project/manifest.js';

const PORT_OPTION = {
  port: { type: 'number', describe: 'The port on 127.0.0.1 (default: a free one)' },
} as const;

const start = defineCommand({
  describe:
    "Runs the project's MCP server on 127.0.0.1 until Ctrl-C. While it lives, .invoke/dev.json says where it is.",
  options: PORT_OPTION,
  async run(args, context) {
    const manifest = await readManifest(context.io.cwd);
    const why = await superviseDevServer(manifest, parsePort(args.port), {
      io: context.io,
      onReady: (state) => announce(state, context, 'Ctrl-C ends it. In another shell: invoke deploy'),
    });
    switch (why.kind) {
      case 'signal':
        if (why.signal === 'SIGTERM') return EXIT.ok;
        throw interruption();
      case 'stopped':
        return EXIT.ok;
      case 'ended':
        throw failure('dev_server_failed', `The MCP server has ended (${why.how}).`, ['invoke dev']);
    }
  },
});

const install = defineCommand({
  describe:
    "Installs what the project's package.json names (nothing, for the templates) and leaves its MCP server running in the background.",
  options: PORT_OPTION,
  async run(args, context): Promise<ExitCode> {
    const manifest = await readManifest(context.io.cwd);
    const { state, wasRunning } = await installAndStart(manifest, parsePort(args.port), context);
    announce(
      state,
      context,
      wasRunning
        ? 'It was running already. Next: invoke deploy'
        : 'Next: invoke deploy. To end it: invoke dev stop',
    );
    return EXIT.ok;
  },
});

const stop = defineCommand({
  async run(_, context): Promise<ExitCode> {
    const stopped = await stopDevServer(context.io.cwd);
    if (context.json) context.terminal.printJson({ stopped });
    else context.terminal.note(stopped ? 'Stopped.' : 'No MCP server of this project is running.');
    return EXIT.ok;
  },
});

export const dev = defineGroup({
  default: 'start',
  members: {
    start: { summary: 'Run it here, until Ctrl-C', command: start },
    install: { summary: 'Prepare it and leave it running in the background', command: install },
    stop: { summary: 'End the one that runs in the background', command: stop },
  },
});

function announce({ mcpUrl, pid }: DevState, { terminal, json }: Context, next: string): void {
  if (json) {
    terminal.printJson({ mcp_url: mcpUrl, pid });
    return;
  }
  terminal.print(mcpUrl);
  terminal.note(`The MCP server of this project runs at ${mcpUrl}.`);
  terminal.note(next);
}

function parsePort(port: number | undefined): number | undefined {
  if (port === undefined || (Number.isSafeInteger(port) && port >= 1 && port <= 65_535)) return port;
  throw usageError('--port takes a number from 1 to 65535.');
}
