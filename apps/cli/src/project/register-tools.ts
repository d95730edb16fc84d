import type { Invoke } from '@invoke/sdk';
import { failure } from '../errors.js';
import { isRecord, type JsonRecord } from '../records.js';
import type { DeploymentPlan } from './plan-deployment.js';

/** One tool and what became of it. */
export interface ToolRow {
  readonly id: string;
  readonly risk: string;
  readonly approval: boolean;
  readonly address: string;
  /** `registered`, or the code of what went wrong. */
  readonly state: string;
}

export interface Registered {
  readonly providerId: string;
  readonly rows: readonly ToolRow[];
  /** What went wrong, one per tool that was not registered. */
  readonly errors: readonly unknown[];
}

/** Registers the provider, then each of its tools: one that is refused does not keep the others from it. */
export async function registerTools(
  client: Invoke,
  plan: DeploymentPlan,
  signal: AbortSignal,
): Promise<Registered> {
  const providerId = await registerProvider(client, plan.provider, signal);
  const rows: ToolRow[] = [];
  const errors: unknown[] = [];
  for (const tool of plan.tools) {
    try {
      const path = `/v1/providers/${encodeURIComponent(providerId)}/tools`;
      // Create-or-update, so that it may be repeated.
      const answer = await client.request({ method: 'POST', path, body: tool, repeatable: true, signal });
      const saved = isRecord(answer['tool']) ? answer['tool'] : {};
      rows.push(toToolRow(tool, textOf(saved['id']) ?? tool.name, 'registered'));
    } catch (error) {
      errors.push(error);
      rows.push(
        toToolRow(tool, tool.name, error instanceof Error && 'code' in error ? String(error.code) : 'failed'),
      );
    }
  }
  return { providerId, rows, errors };
}

async function registerProvider(client: Invoke, body: JsonRecord, signal: AbortSignal): Promise<string> {
  const answer = await client.request({
    method: 'POST',
    path: '/v1/providers',
    body,
    repeatable: true,
    signal,
  });
  const id = isRecord(answer['provider']) ? answer['provider']['id'] : undefined;
  if (typeof id === 'string') return id;
  throw failure('invalid_response', 'The gateway has not said under which id it registered the provider.', [
    'invoke status',
  ]);
}

export function toToolRow(tool: DeploymentPlan['tools'][number], id: string, state: string): ToolRow {
  return {
    id,
    risk: textOf(tool['risk_level']) ?? 'medium',
    approval: tool['approval_required'] === true,
    address:
      textOf(tool['mcp_url']) ?? textOf(isRecord(tool['http']) ? tool['http']['url'] : undefined) ?? '',
    state,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
