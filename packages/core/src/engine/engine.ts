import { hostname } from 'node:os';
import type { ProviderRegistration, ToolRegistration } from '@invoke/contract';
import type { Principal } from '../domain/access/principal.js';
import type { ProviderRecord, ToolDefinition } from '../domain/tool/tool-definition.js';
import { DEFAULT_CONFIG, type EngineConfig, type EngineDeps } from './deps.js';
import { createDrivers } from './drivers.js';
import { createEntrance, type Entrance } from './entrance.js';
import { startHousekeeping } from './housekeeping.js';
import { createLease, type Lease } from './lease.js';
import { recoverOrphans } from './recover.js';
import { registerProvider, registerTool, type Registered, type RegisterPorts } from './register.js';
import { createToolbox } from './toolbox.js';
import { createViews, type Views } from './views.js';

/** What an engine is made of; everything that reaches the world. */
export type EnginePorts = Omit<EngineDeps, 'tools' | 'lease' | 'config' | 'closing'> &
  Pick<RegisterPorts, 'schemas' | 'addresses'>;

export interface EngineOptions {
  readonly config?: Partial<EngineConfig>;
  /** Tools that come with the program. */
  readonly builtin?: readonly ToolDefinition[];
  readonly version?: string;
}

/** The one engine behind every entry path. */
export interface Engine extends Entrance, Views {
  /** Registers this incarnation, loads the tools and takes over what others left behind. */
  start(): Promise<void>;
  /** Waits for what is under way, at most `graceMs`; what is left is handed over. */
  stop(graceMs: number): Promise<void>;
  registerProvider(principal: Principal, request: ProviderRegistration): Promise<Registered<ProviderRecord>>;
  registerTool(
    principal: Principal,
    target: { readonly providerId: string; readonly request: ToolRegistration },
  ): Promise<Registered<ToolDefinition>>;
  /** Executions that this gateway is driving now. */
  driving(): number;
}

export function createEngine(ports: EnginePorts, options: EngineOptions = {}): Engine {
  const config = { ...DEFAULT_CONFIG, ...options.config };
  const { store, log } = ports;
  let closing = false;
  let stopHousekeeping: (() => void) | null = null;
  const toolbox = createToolbox({ ...ports, registry: store.registry }, options.builtin ?? []);
  const sweep = () => recoverOrphans(drivers, deps);
  const lease = leaseOf(ports, { leaseMs: config.leaseMs, version: options.version ?? '0' }, () => {
    drivers.abandon();
    sweep().catch((error: unknown) => log.error('sweep_failed', { error: String(error) }));
  });
  const deps: EngineDeps = { ...ports, tools: toolbox, lease, config, closing: () => closing };
  const drivers = createDrivers(deps);
  const register: RegisterPorts = { ...ports, toolbox };

  return {
    ...createEntrance(deps, drivers),
    ...createViews(deps, drivers, toolbox),
    async start() {
      await toolbox.start();
      await lease.start();
      await sweep();
      stopHousekeeping = startHousekeeping({ ...deps, sweep });
    },
    async stop(graceMs) {
      closing = true;
      stopHousekeeping?.();
      toolbox.stop();
      await drivers.drain(graceMs);
      drivers.abandon();
      await store.traces.flush();
      await lease.stop();
    },
    registerProvider: (principal, request) => registerProvider(principal, request, register),
    registerTool: (principal, target) => registerTool(principal, target, register),
    driving: () => drivers.count(),
  };
}

function leaseOf(
  { store, clock, ids, log }: EnginePorts,
  options: { readonly leaseMs: number; readonly version: string },
  onRebirth: () => void,
): Lease {
  return createLease(
    { incarnations: store.incarnations, clock, ids, log },
    { ...options, host: hostname(), pid: process.pid, onRebirth },
  );
}
