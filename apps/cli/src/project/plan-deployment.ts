import { ProviderRegistration, ToolRegistration, type ToolRegistrationInput } from '@invoke/contract';
import type { JsonRecord } from '../records.js';
import { isPlaceholder, type Manifest } from './manifest.js';

/** What would be sent to the gateway. */
export interface DeploymentPlan {
  readonly provider: JsonRecord & { readonly name: string };
  readonly tools: readonly (JsonRecord & { readonly name: string })[];
}

export type PlannedDeployment =
  | { readonly kind: 'ok'; readonly plan: DeploymentPlan }
  /** One line per problem, each with the place in the project's file. */
  | { readonly kind: 'bad'; readonly problems: readonly string[] };

/**
 * Checks a project against the gateway's own schemas and puts the address in where it is missing.
 * @param mcpUrl the address of tools that name none, or only a placeholder
 */
export function planDeployment(manifest: Manifest, mcpUrl: string): PlannedDeployment {
  const problems: string[] = [];
  const provider = ProviderRegistration.safeParse(manifest.provider);
  if (!provider.success) problems.push(...provider.error.issues.map((issue) => toLine('/provider', issue)));
  const tools = manifest.tools.map((tool, at) => {
    const addressed = withAddress(tool, mcpUrl);
    const parsed = ToolRegistration.safeParse(addressed);
    if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => toLine(`/tools/${at}`, issue)));
    return addressed as ToolRegistrationInput & JsonRecord;
  });
  const names = tools.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) problems.push(`/tools: the name ${JSON.stringify(twice)} stands there twice`);
  if (problems.length > 0 || !provider.success) return { kind: 'bad', problems };
  // What was written is sent, not what was parsed: defaults are the gateway's to put in.
  return { kind: 'ok', plan: { provider: { ...manifest.provider, name: provider.data.name }, tools } };
}

function withAddress(tool: JsonRecord, mcpUrl: string): JsonRecord {
  const own = tool['mcp_url'];
  const hasOwn = typeof own === 'string' && !isPlaceholder(own);
  if (hasOwn || (tool['http'] !== undefined && tool['http'] !== null)) return tool;
  return { ...tool, mcp_url: mcpUrl };
}

function toLine(
  before: string,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string },
): string {
  const steps = issue.path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return `${before}${steps.join('')}: ${issue.message}`;
}
