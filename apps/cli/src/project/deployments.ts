import { join } from 'node:path';
import type { Io } from '../io.js';
import { isRecord, type JsonRecord } from '../records.js';
import { invokeHome } from '../settings/home.js';
import { readPrivateFile, writePrivateFile } from '../settings/private-file.js';

/** What was registered last for a project, and where. */
export interface Deployment {
  readonly baseUrl: string;
  readonly mcpUrl: string;
  readonly providerId: string;
  readonly tools: readonly string[];
  /** Milliseconds since 1970. */
  readonly deployedAt: number;
}

/** One record per project path; the newest replaces the one before. */
export async function recordDeployment(io: Io, folder: string, deployment: Deployment): Promise<void> {
  const { baseUrl, mcpUrl, providerId, tools, deployedAt } = deployment;
  const record = {
    base_url: baseUrl,
    mcp_url: mcpUrl,
    provider_id: providerId,
    tools,
    deployed_at: deployedAt,
  };
  const all = { ...(await readAll(io)), [folder]: record };
  await writePrivateFile(deploymentsPath(io), `${JSON.stringify(all, null, 2)}\n`);
}

export async function findDeployment(io: Io, folder: string): Promise<JsonRecord | undefined> {
  const all = await readAll(io);
  const found = Object.hasOwn(all, folder) ? all[folder] : undefined;
  return isRecord(found) ? found : undefined;
}

function deploymentsPath(io: Io): string {
  return join(invokeHome(io), 'deployments.json');
}

async function readAll(io: Io): Promise<JsonRecord> {
  try {
    const value: unknown = JSON.parse((await readPrivateFile(deploymentsPath(io))) ?? '{}');
    return isRecord(value) ? value : {};
  } catch (error) {
    // A file that no program can read any more is replaced; one that must not be touched is not.
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
