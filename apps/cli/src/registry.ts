import type { Command, CommandGroup } from './command.js';

export interface RegistryEntry {
  /** The heading it stands under in `invoke --help`. */
  readonly section: string;
  readonly summary: string;
  /** Commands are loaded one at a time: the help of all needs none of them. */
  readonly load: () => Promise<Command | CommandGroup>;
}

const START = 'Start';
const PROJECT = 'Project';
const TOOLS = 'Tools';
const CONTROL = 'Control';
const LOOK = 'Look';

/** Every command of `invoke`, in the order of its help. A new command is one line here and one file in commands/. */
export const REGISTRY = {
  gateway: entry(START, 'Run a gateway on this machine', () =>
    import('./commands/gateway.js').then((m) => m.gateway),
  ),
  login: entry(START, 'Save the address and key of a gateway', () =>
    import('./commands/login.js').then((m) => m.login),
  ),
  logout: entry(START, 'Forget them', () => import('./commands/logout.js').then((m) => m.logout)),
  whoami: entry(START, 'Show which gateway and key are used', () =>
    import('./commands/whoami.js').then((m) => m.whoami),
  ),
  config: entry(START, 'Show settings and where they come from', () =>
    import('./commands/config.js').then((m) => m.config),
  ),
  init: entry(PROJECT, 'Create a project from a template', () =>
    import('./commands/init.js').then((m) => m.init),
  ),
  dev: entry(PROJECT, "Run the project's MCP server", () => import('./commands/dev.js').then((m) => m.dev)),
  deploy: entry(PROJECT, "Register the project's tools", () =>
    import('./commands/deploy.js').then((m) => m.deploy),
  ),
  tools: entry(TOOLS, 'List the tools you may call', () =>
    import('./commands/tools.js').then((m) => m.tools),
  ),
  preflight: entry(TOOLS, 'What a call would meet, without making it', () =>
    import('./commands/preflight.js').then((m) => m.preflight),
  ),
  verify: entry(TOOLS, 'Does what an agent assumes still hold?', () =>
    import('./commands/verify.js').then((m) => m.verify),
  ),
  call: entry(TOOLS, 'Call a tool', () => import('./commands/call.js').then((m) => m.call)),
  reconcile: entry(TOOLS, 'Did an action happen whose outcome is unknown?', () =>
    import('./commands/reconcile.js').then((m) => m.reconcile),
  ),
  execute: entry(TOOLS, 'Run an action or a workflow as a durable execution', () =>
    import('./commands/execute.js').then((m) => m.execute),
  ),
  workflow: entry(TOOLS, 'Run a workflow and tell its story', () =>
    import('./commands/workflow.js').then((m) => m.workflow),
  ),
  workflows: entry(TOOLS, 'List workflows, or add one', () =>
    import('./commands/workflows.js').then((m) => m.workflows),
  ),
  search: entry(TOOLS, 'Look for fresh context on the web', () =>
    import('./commands/search.js').then((m) => m.search),
  ),
  approvals: entry(CONTROL, 'What waits for a human: read, approve, reject', () =>
    import('./commands/approvals.js').then((m) => m.approvals),
  ),
  policy: entry(CONTROL, 'Check, test, explain and store rules', () =>
    import('./commands/policy.js').then((m) => m.policy),
  ),
  keys: entry(CONTROL, 'API keys: make, rotate, revoke', () =>
    import('./commands/keys.js').then((m) => m.keys),
  ),
  usage: entry(CONTROL, 'What was used, and what is left of budgets', () =>
    import('./commands/usage.js').then((m) => m.usage),
  ),
  executions: entry(LOOK, 'What was executed, and how it ended', () =>
    import('./commands/executions.js').then((m) => m.executions),
  ),
  traces: entry(LOOK, 'Every request to act, also refused ones', () =>
    import('./commands/traces.js').then((m) => m.traces),
  ),
  status: entry(LOOK, 'Gateway, key and project at a glance', () =>
    import('./commands/status.js').then((m) => m.status),
  ),
  doctor: entry(LOOK, 'Find out what is wrong', () => import('./commands/doctor.js').then((m) => m.doctor)),
  help: entry(LOOK, 'Help on a command or a topic', () => import('./commands/help.js').then((m) => m.help)),
  completion: entry(LOOK, 'Print a completion script for your shell', () =>
    import('./commands/completion.js').then((m) => m.completion),
  ),
} as const satisfies Readonly<Record<string, RegistryEntry>>;

export function findEntry(name: string): RegistryEntry | undefined {
  return Object.hasOwn(REGISTRY, name) ? REGISTRY[name as keyof typeof REGISTRY] : undefined;
}

function entry(section: string, summary: string, load: RegistryEntry['load']): RegistryEntry {
  return { section, summary, load };
}
