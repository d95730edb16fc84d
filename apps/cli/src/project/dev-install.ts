import { spawn } from 'node:child_process';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.js';
import { failure } from '../errors.js';
import type { Io } from '../io.js';
import { visible } from '../output/visible.js';
import { isRecord, type JsonRecord } from '../records.js';
import { devLogPath, readDevState, type DevState } from './dev-state.js';
import type { Manifest } from './manifest.js';
import { probeMcp } from './mcp-probe.js';

const START_TIMEOUT_MS = 20_000;

/** Prepares the project and starts `invoke dev` in the background; returns once its server answers. */
export async function installAndStart(
  manifest: Manifest,
  port: number | undefined,
  context: Context,
): Promise<{ readonly state: DevState; readonly wasRunning: boolean }> {
  const { folder } = manifest;
  const before = await findRunning(folder);
  if (before !== undefined) return { state: before, wasRunning: true };
  await installPackages(folder, context);
  const background = await startInBackground(folder, port, context.io);
  for (
    const deadline = Date.now() + START_TIMEOUT_MS;
    Date.now() < deadline && !background.isOver();
    await sleep(50)
  ) {
    const state = await findRunning(folder);
    if (state !== undefined) return { state, wasRunning: false };
  }
  const log = await readFile(devLogPath(folder), 'utf8').catch(() => '');
  context.terminal.note(visible(log.trimEnd()));
  throw failure(
    'dev_server_failed',
    `The MCP server did not start; its words are in ${devLogPath(folder)}.`,
    ['invoke dev'],
  );
}

async function findRunning(folder: string): Promise<DevState | undefined> {
  const state = await readDevState(folder);
  return state !== undefined && (await probeMcp(state.mcpUrl)).kind === 'ok' ? state : undefined;
}

/** `npm install` where the project names packages and has none. Their install scripts are not run. */
async function installPackages(folder: string, { io, terminal }: Context): Promise<void> {
  const dependencies = await readDependencies(join(folder, 'package.json'));
  const isInstalled = await stat(join(folder, 'node_modules')).then(
    () => true,
    () => false,
  );
  if (Object.keys(dependencies).length === 0 || isInstalled) return;
  terminal.note('Installing packages with npm...');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const child = spawn(npm, args, {
    cwd: folder,
    env: { ...io.env },
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  const how = await new Promise<number | string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code) => resolve(code ?? 'a signal'));
  });
  if (how !== 0) throw failure('install_failed', `npm install has failed (${how}).`, ['npm install']);
}

async function readDependencies(path: string): Promise<JsonRecord> {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  try {
    const manifest: unknown = JSON.parse(text);
    return isRecord(manifest) && isRecord(manifest['dependencies']) ? manifest['dependencies'] : {};
  } catch {
    throw failure('project_broken', `${path} is not valid JSON.`);
  }
}

async function startInBackground(
  folder: string,
  port: number | undefined,
  io: Io,
): Promise<{ isOver: () => boolean }> {
  const [program = '', ...first] = io.self;
  await mkdir(dirname(devLogPath(folder)), { recursive: true, mode: 0o700 });
  const log = await open(devLogPath(folder), 'w', 0o600);
  try {
    const args = [...first, 'dev', 'start', ...(port === undefined ? [] : ['--port', String(port)])];
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...io.env },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    let over = false;
    child.once('error', () => (over = true));
    child.once('exit', () => (over = true));
    child.unref();
    return { isOver: () => over };
  } finally {
    await log.close();
  }
}
