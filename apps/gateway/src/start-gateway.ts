import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createEngine,
  createSystemClock,
  createSystemDigest,
  createSystemIds,
  type Engine,
} from '@invoke/core';
import { createExpressionLanguage, createSchemaCompiler } from '@invoke/core/adapters';
import {
  StorageUnavailable,
  type Clock,
  type MessageSender,
  type Store,
  type ToolInvoker,
} from '@invoke/core/ports';
import { createToolInvoker } from '@invoke/mcp-client';
import { createApp, createListener, type AppPorts } from './app.js';
import { blaming, blamingData } from './blame.js';
import { builtinTools } from './builtin-tools.js';
import type { GatewayConfig } from './config.js';
import { createFloods } from './floods/floods.js';
import { createOrigins } from './http/origins.js';
import { BACKLOG, hardenServer, SERVER_OPTIONS } from './http/server-limits.js';
import { createKeyRing } from './key-ring.js';
import { createLog, type GatewayLog } from './log.js';
import { createEventVerifier } from './notify/event-verifier.js';
import { createSecretAccess, type SecretAccess } from './secrets.js';
import { notifySender } from './notify/notify-sender.js';
import { addressGuard } from './address-guard.js';
import { openPolicyFile, type PolicyFile } from './policy-file.js';

/** How long calls under way may finish at shutdown. */
const GRACE_MS = 20_000;
/** How long answers may then take to go out. */
const LAST_ANSWERS_MS = 1_000;

export interface RunningGateway {
  /** Where it listens, for example http://127.0.0.1:8000. */
  readonly url: string;
  readonly engine: Engine;
  /** Stops accepting, lets calls finish (at most 20 s), hands over the rest and closes the store. */
  close(): Promise<void>;
}

/** What the gateway reaches the world through. */
export interface GatewayPorts {
  readonly store: Store;
  readonly invoker: ToolInvoker;
  /** Null where nobody is to be told of anything. */
  readonly sender: MessageSender | null;
  readonly clock: Clock;
}

/** Puts something around ports; for tests that let them fail. */
export type WrapPorts = (ports: GatewayPorts) => GatewayPorts;

/** Composes the gateway and listens. Throws with one clear sentence where it cannot start. */
export async function startGateway(
  config: GatewayConfig,
  wrap: WrapPorts = (ports) => ports,
): Promise<RunningGateway> {
  const log = openLog(config);
  const store = await openStore(config).catch(async (error: unknown) => {
    await log.end();
    throw error;
  });
  const server = createServer(SERVER_OPTIONS);
  try {
    return await run(config, { log, store, server, wrap });
  } catch (error) {
    server.close();
    await store.close();
    await log.end();
    throw error;
  }
}

interface Parts {
  readonly log: GatewayLog;
  readonly store: Store;
  readonly server: Server;
  readonly wrap: WrapPorts;
}

async function run(config: GatewayConfig, { log, store, server, wrap }: Parts): Promise<RunningGateway> {
  let closing = false;
  const { engine, closeTools } = await composeEngine(config, { log, store, wrap });
  const policyFile = await openOperatorPolicy(config, { engine, log }).catch(async (error: unknown) => {
    await closeTools();
    throw error;
  });
  await engine.start();
  hardenServer(server);
  const port = await listen(server, config).catch(async (error: unknown) => {
    policyFile?.stop();
    await engine.stop(0);
    await closeTools();
    throw error;
  });
  const url = `http://${config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : bracketed(config.host)}:${port}`;
  const origins = createOrigins(config.allowedOrigins, config.allowedOriginPattern);
  const ports: AppPorts = {
    engine,
    log,
    origins,
    publicUrl: config.publicUrl ?? url,
    verifyEvent: createEventVerifier(secretsOf(config), log),
    floods: createFloods(config.floods, log),
    closing: () => closing,
    policyFile: () => policyFile?.status() ?? null,
  };
  server.on('request', createListener(createApp(ports), ports));
  return {
    url,
    engine,
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      policyFile?.stop();
      await engine.stop(GRACE_MS);
      await lastAnswers(server, closed);
      server.closeAllConnections();
      await closed;
      await closeTools();
      await store.close();
      await log.end();
    },
  };
}

/** Who was kept waiting for something is told where it stands: one more look, for which the store is still open. */
async function lastAnswers(server: Server, closed: Promise<void>): Promise<void> {
  const until = performance.now() + LAST_ANSWERS_MS;
  let waiting = true;
  void closed.then(() => (waiting = false));
  while (waiting && performance.now() < until) {
    server.closeIdleConnections();
    await sleep(20);
  }
}

function secretsOf({ secrets, secretTenants }: GatewayConfig): SecretAccess {
  return createSecretAccess(secrets, secretTenants);
}

async function composeEngine(
  config: GatewayConfig,
  { log, store: opened, wrap }: Omit<Parts, 'server'>,
): Promise<{ readonly engine: Engine; readonly closeTools: () => Promise<void> }> {
  const tools = builtinTools();
  const { store, invoker, sender, clock } = wrap({
    store: opened,
    invoker: createToolInvoker({
      allowLoopback: config.allowLoopbackTools,
      secrets: secretsOf(config),
      builtins: tools.handlers,
      log,
    }),
    sender: notifySender(config.notify, config.allowLoopbackTools),
    clock: createSystemClock(),
  });
  const engine = createEngine(
    {
      store,
      invoker,
      keyRing: createKeyRing(config.apiKeys, config.scopedKeys),
      schemas: createSchemaCompiler(),
      language: createExpressionLanguage(),
      addresses: addressGuard(config.allowLoopbackTools),
      clock,
      ids: createSystemIds(),
      digest: createSystemDigest(await store.instanceSecret()),
      random: Math.random,
      log,
    },
    {
      config: config.engine,
      confirmRestored: config.confirmRestored,
      builtin: tools.definitions,
      ...(sender === null ? {} : { sender }),
      ...(config.publicUrl === null ? {} : { publicUrl: config.publicUrl }),
    },
  );
  return {
    engine,
    async closeTools() {
      await Promise.all([invoker.close(), tools.close(), sender?.close()]);
    },
  };
}

async function openOperatorPolicy(
  { policyFile: path }: GatewayConfig,
  { engine, log }: { readonly engine: Engine; readonly log: GatewayLog },
): Promise<PolicyFile | null> {
  if (path === null) return null;
  return openPolicyFile(path, { accept: (document) => engine.setOperatorPolicy(document), log });
}

function openLog({ logFile }: GatewayConfig): GatewayLog {
  try {
    return createLog(logFile);
  } catch (error) {
    throw blaming(`INVOKE_LOG_FILE: expected a file that can be written, got "${logFile}"`, error);
  }
}

async function openStore(config: GatewayConfig): Promise<Store> {
  const { store, tablePrefix } = config;
  if (store.kind === 'sqlite') {
    const { createSqliteStore } = await import('@invoke/storage/sqlite');
    return createSqliteStore({ dataDir: store.dataDir, tablePrefix }).catch((error: unknown) => {
      throw blamingData(store.dataDir, error);
    });
  }
  const { createPostgresStore } = await import('@invoke/storage/postgres');
  return createPostgresStore({ connectionString: store.url, tablePrefix }).catch((error: unknown) => {
    // Anything else is about what was found there, and says what to do.
    throw error instanceof StorageUnavailable
      ? blaming('DATABASE_URL: the database cannot be used', error)
      : error;
  });
}

function listen(server: Server, { host, port }: GatewayConfig): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const { code } = error;
      const taken = new Error(`PORT: ${host}:${port} is in use already`, { cause: error });
      if (code === 'EADDRINUSE') reject(Object.assign(taken, { code }));
      else reject(blaming(`HOST, PORT: nobody can listen at ${host}:${port}`, error));
    });
    server.listen({ host, port, backlog: BACKLOG }, () => resolve((server.address() as AddressInfo).port));
  });
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
