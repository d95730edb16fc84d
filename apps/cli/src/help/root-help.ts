import type { CommandGroup } from '../command.js';
import { REGISTRY, type RegistryEntry } from '../registry.js';

/** `invoke --help`: one screen, made from the registry alone. */
export function rootHelp(): string {
  const entries: [string, RegistryEntry][] = Object.entries(REGISTRY);
  const width = Math.max(...entries.map(([name]) => name.length));
  const sections = [...new Set(entries.map(([, { section }]) => section))].map((section) => {
    const lines = entries
      .filter(([, entry]) => entry.section === section)
      .map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
    return `${section}\n${lines.join('\n')}`;
  });
  return `invoke <command> [options]

Invoke makes the tool calls of AI agents reliable: checked, idempotent, reconciled, traced.

${sections.join('\n\n')}

Examples
  invoke login --base-url http://127.0.0.1:8000 --api-key -
  invoke init support-agent --template crm-guardrail
  invoke call crm_update_customer '{"customer_id":"cust_123","account_status":"review"}'

Everywhere: --json, --no-color, --debug, --help. More: invoke help <command>, invoke help environment,
invoke help exit-codes, invoke help params.`;
}

/** `invoke executions --help`. */
export function groupHelp(name: string, group: CommandGroup): string {
  const members = Object.entries(group.members);
  const width = Math.max(...members.map(([member]) => member.length));
  const lines = members.map(([member, { summary }]) => {
    const note = member === group.default ? ' (default)' : '';
    return `  ${member.padEnd(width)}  ${summary}${note}`;
  });
  return `invoke ${name} [command] [options]\n\n${lines.join('\n')}\n\nMore: invoke ${name} <command> --help`;
}
