import { defineCommand } from '../command.js';
import { connect } from '../connect.js';
import type { Context } from '../context.js';
import { CliError, failure } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CONNECTION_OPTIONS } from '../global-options.js';
import { recordDeployment } from '../project/deployments.js';
import { readDevState } from '../project/dev-state.js';
import { isPlaceholder, readManifest, type Manifest } from '../project/manifest.js';
import { probeMcp } from '../project/mcp-probe.js';
import { planDeployment, type DeploymentPlan } from '../project/plan-deployment.js';
import { registerTools, toToolRow, type ToolRow } from '../project/register-tools.js';
import { isRecord } from '../records.js';
import { isLoopback } from '../settings/base-url.js';

export const deploy = defineCommand({
  describe:
    "Registers the project's tools with the gateway, or updates them. While invoke.json carries the placeholder address, the running dev server's is used.",
  options: {
    'dry-run': {
      type: 'boolean',
      describe: 'Check the project and show what would be sent, without a gateway',
    },
    ...CONNECTION_OPTIONS,
  },
  async run(args, context) {
    const manifest = await readManifest(context.io.cwd);
    const address = await chooseAddress(manifest);
    const planned = planDeployment(manifest, address.mcpUrl);
    if (planned.kind === 'bad') throw brokenProject(manifest, planned.problems);
    const { plan } = planned;
    if (args.dryRun) return showPlan(plan, address, context);
    if (address.kind === 'missing') throw noAddress(manifest);
    if (address.kind === 'dev') await checkDevServer(address.mcpUrl, plan);

    const { client, settings } = await connect(context, args);
    const baseUrl = settings.baseUrl.value;
    noteUnreachable(baseUrl, address.mcpUrl, context);
    const { providerId, rows, errors } = await registerTools(client, plan, context.io.signal);
    const done = rows.filter(({ state }) => state === 'registered');
    if (done.length > 0) {
      await recordDeployment(context.io, manifest.folder, {
        baseUrl,
        mcpUrl: address.mcpUrl,
        providerId,
        tools: done.map(({ id }) => id),
        deployedAt: Date.now(),
      });
    }
    showRows(rows, { baseUrl, providerId }, context);
    if (errors[0] !== undefined) throw errors[0];
    context.terminal.note(`Next: invoke call ${done[0]?.id ?? '<tool>'} '{...}'`);
    return EXIT.ok;
  },
});

type Address =
  | { readonly kind: 'project' | 'dev'; readonly mcpUrl: string }
  /** Only the placeholder: enough for a look, not for a deployment. */
  | { readonly kind: 'missing'; readonly mcpUrl: string };

const PLACEHOLDER = 'https://replace-with-your-mcp-host/mcp';

async function chooseAddress(manifest: Manifest): Promise<Address> {
  const { mcpUrl, folder, tools } = manifest;
  if (mcpUrl !== undefined && !isPlaceholder(mcpUrl)) return { kind: 'project', mcpUrl };
  const dev = await readDevState(folder);
  if (dev !== undefined) return { kind: 'dev', mcpUrl: dev.mcpUrl };
  const allHaveOwn = tools.every((tool) => isRecord(tool['http']) || !isPlaceholder(textOf(tool['mcp_url'])));
  return { kind: allHaveOwn ? 'project' : 'missing', mcpUrl: mcpUrl ?? PLACEHOLDER };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function brokenProject({ path }: Manifest, problems: readonly string[]): CliError {
  return new CliError({
    message: `${path} cannot be deployed.`,
    code: 'project_broken',
    exitCode: EXIT.failure,
    details: problems,
    next: ['invoke deploy --dry-run'],
  });
}

function noAddress({ path }: Manifest): CliError {
  return failure(
    'no_mcp_server',
    `There is no MCP server to register: ${path} has only the placeholder address, and no dev server runs.`,
    ['invoke dev install', `put its address into "mcp_url" of ${path}`],
  );
}

/** A dev.json may have outlived its server, and a server may not have the tools that the project promises. */
async function checkDevServer(mcpUrl: string, { tools }: DeploymentPlan): Promise<void> {
  const probe = await probeMcp(mcpUrl);
  if (probe.kind === 'unreachable') {
    throw failure('dev_server_gone', `The dev server at ${mcpUrl} does not answer (${probe.reason}).`, [
      'invoke dev install',
    ]);
  }
  const missing = tools
    .filter((tool) => tool['mcp_url'] === mcpUrl)
    .map((tool) => textOf(tool['mcp_tool']) ?? tool.name)
    .filter((name) => !probe.tools.includes(name));
  if (missing.length > 0) {
    throw failure(
      'tool_missing',
      `The dev server at ${mcpUrl} has no tool ${missing.join(', ')}. It has ${probe.tools.join(', ')}.`,
      ['invoke dev stop', 'invoke dev install'],
    );
  }
}

function noteUnreachable(baseUrl: string, mcpUrl: string, { terminal }: Context): void {
  if (isLoopback(new URL(mcpUrl).hostname) && !isLoopback(new URL(baseUrl).hostname)) {
    terminal.note(`note: ${mcpUrl} is on this machine; the gateway at ${baseUrl} will hardly reach it.`);
  }
}

function showPlan(plan: DeploymentPlan, address: Address, context: Context): ExitCode {
  if (context.json) context.terminal.printJson({ dry_run: true, provider: plan.provider, tools: plan.tools });
  else {
    showTable(
      plan.tools.map((tool) => toToolRow(tool, tool.name, 'not sent')),
      context,
    );
    context.terminal.note('Nothing was sent (--dry-run).');
  }
  if (address.kind === 'missing')
    context.terminal.note('note: there is only the placeholder address; run invoke dev install first.');
  return EXIT.ok;
}

function showRows(
  rows: readonly ToolRow[],
  where: { baseUrl: string; providerId: string },
  context: Context,
): void {
  if (context.json) {
    context.terminal.printJson({
      base_url: where.baseUrl,
      provider_id: where.providerId,
      tools: rows.map(({ id, risk, approval, address, state }) => ({
        id,
        risk_level: risk,
        approval_required: approval,
        mcp_url: address,
        state,
      })),
    });
  } else showTable(rows, context);
}

function showTable(rows: readonly ToolRow[], { terminal }: Context): void {
  terminal.printTable(rows, [
    { header: 'tool', value: (row) => row.id, whole: true },
    { header: 'risk', value: (row) => row.risk },
    { header: 'approval', value: (row) => row.approval },
    { header: 'state', value: (row) => row.state },
    { header: 'address', value: (row) => row.address },
  ]);
}
