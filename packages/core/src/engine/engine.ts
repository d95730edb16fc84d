import { hostname } from 'node:os';
import type { ProviderRegistration, ToolRegistration } from '@invoke/contract';
import type { Principal } from '../domain/access/principal.js';
import type { ProviderRecord, ToolDefinition } from '../domain/tool/tool-definition.js';
import { createApprovals, type Approvals } from './approvals/approvals.js';
import { createChecks, type Checks } from './checks/checks.js';
import { createTally, type Tally } from './bounded/tally.js';
import { createRecent } from './bounded/recent.js';
import { DEFAULT_CONFIG, type EngineConfig, type EngineDeps } from './deps.js';
import { createDrivers, type Drivers } from './drivers.js';
import { createEntrance, type Entrance } from './entrance.js';
import { createHistoryGuard, type HistoryGuard, type HistoryGuardOptions } from './history/history-guard.js';
import { acknowledged, probe, type ReinstatePorts } from './history/reinstate-lost.js';
import { rememberWrites } from './history/remember-writes.js';
import { createRemembered } from './history/remembered.js';
import { startHousekeeping } from './housekeeping.js';
import { createKeyDesk, type KeyDesk } from './keys/key-desk.js';
import { createKeyUses } from './keys/key-uses.js';
import { withStoredKeys } from './keys/stored-keys.js';
import { createLease, type Lease } from './lease.js';
import type { NoticeChannel } from '../domain/outbox/outbox-message.js';
import type { MessageSender } from '../ports/message-sender.js';
import type { SearchProvider } from '../ports/search-provider.js';
import { startOutbox, type Outbox } from './outbox/start-outbox.js';
import { withWakeUp } from './outbox/with-wake-up.js';
import { createPolicies } from './policy/create-policies.js';
import { createPolicyDesk, type PolicyDesk } from './policy/policy-desk.js';
import { withRechecks } from './rechecks.js';
import { createSweep } from './recover.js';
import { registerProvider, registerTool, type Registered, type RegisterPorts } from './register.js';
import { createSettledExecutions } from './settled-executions.js';
import { settleLeftOpen } from './settlement/settle-kept.js';
import { createSettlements, type Settlements } from './settlement/settlements.js';
import { createToolbox, type Toolbox } from './toolbox.js';
import { createViews, type Views } from './views.js';
import { createWorkflows, type Workflows } from './workflows/workflows.js';

/** What an engine is made of; everything that reaches the world. */
export type EnginePorts = Omit<
  EngineDeps,
  | 'tools'
  | 'settled'
  | 'identities'
  | 'pending'
  | 'underWay'
  | 'policies'
  | 'channels'
  | 'publicUrl'
  | 'lease'
  | 'history'
  | 'config'
  | 'closing'
> &
  Pick<RegisterPorts, 'schemas' | 'addresses'>;

export interface EngineOptions {
  readonly config?: Partial<EngineConfig>;
  /** Tools that come with the program. */
  readonly builtin?: readonly ToolDefinition[];
  readonly version?: string;
  /** Carries messages to the outside; without it, none are written. */
  readonly sender?: MessageSender;
  /** Where this gateway is reached from outside. */
  readonly publicUrl?: string;
  /** Searches the live web; without it, search is not configured. */
  readonly search?: SearchProvider;
  /** An operator says that a database that was restored is to be used as it is. */
  readonly confirmRestored?: boolean;
  /** Counts the calls under way by their key; a tally of its own where it is left out. */
  readonly underWay?: Tally;
}

const NOBODY: ReadonlySet<NoticeChannel> = new Set();

/** How long a stop waits for deliveries under way. */
const LAST_DELIVERIES_MS = 2_000;

/** The one engine behind every entry path. */
export interface Engine
  extends Entrance, Views, Approvals, PolicyDesk, KeyDesk, Checks, Workflows, Settlements {
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

/** Requests whose identity is remembered, so that storms of retries cost little. */
const RECENT_REQUESTS = 256;

export function createEngine(given: EnginePorts, options: EngineOptions = {}): Engine {
  let closing = false;
  let outbox: Outbox | null = null;
  let stopHousekeeping: (() => void) | null = null;
  const remembered = createRemembered();
  const kept = given.store.history.mayForget ? rememberWrites(given.store, remembered) : given.store;
  const store = withWakeUp(kept, () => outbox?.poke());
  const ports = { ...given, store };
  const { deps, toolbox, lease, drivers, history, ...tasks } = assemble(
    ports,
    {
      ...options,
      remembering: { acknowledged: () => acknowledged(putBack()), probe: () => probe(putBack()) },
    },
    () => closing,
  );
  const putBack = (): ReinstatePorts => ({ store: given.store, remembered, drivers, deps });
  const { expireOverdue, ...approvals } = createApprovals(deps, drivers);
  const register: RegisterPorts = { ...ports, toolbox };
  const entrance = createEntrance(deps, drivers);

  return {
    ...entrance,
    ...createViews(deps, drivers, toolbox),
    ...createChecks(deps),
    ...createWorkflows({ deps, entrance, toolbox, provider: options.search ?? null }),
    ...createPolicyDesk(deps, toolbox),
    ...createKeyDesk(deps, toolbox),
    ...createSettlements(deps, toolbox),
    ...approvals,
    async start() {
      await history.start();
      await toolbox.start();
      await lease.start();
      await tasks.sweep();
      stopHousekeeping = startHousekeeping({
        ...deps,
        ...tasks,
        expireOverdue,
        settleLeftOpen: () => settleLeftOpen(deps),
      });
      outbox = startOutbox({ ...ports, sender: withRechecks(options.sender, deps) });
    },
    async stop(graceMs) {
      closing = true;
      stopHousekeeping?.();
      toolbox.stop();
      history.stop();
      await drivers.drain(graceMs);
      drivers.abandon();
      await outbox?.stop(Math.min(graceMs, LAST_DELIVERIES_MS));
      await ports.store.traces.flush();
      await lease.stop();
    },
    registerProvider: (principal, request) => registerProvider(principal, request, register),
    registerTool: (principal, target) => registerTool(principal, target, register),
    driving: () => drivers.count(),
  };
}

interface Assembled {
  readonly deps: EngineDeps;
  readonly toolbox: Toolbox;
  readonly lease: Lease;
  readonly drivers: Drivers;
  readonly history: HistoryGuard;
  /** Takes over from gateways that are gone. */
  sweep(): Promise<number>;
  tellKeyUses(): Promise<void>;
}

/** The parts that know of each other. */
function assemble(
  ports: EnginePorts,
  options: EngineOptions & Pick<HistoryGuardOptions, 'remembering'>,
  closing: () => boolean,
): Assembled {
  const config = { ...DEFAULT_CONFIG, ...options.config };
  const { store, log } = ports;
  const toolbox = createToolbox({ ...ports, registry: store.registry }, options.builtin ?? []);
  const lease = leaseOf(ports, { leaseMs: config.leaseMs, version: options.version ?? '0' }, () => {
    drivers.abandon();
    sweep().catch((error: unknown) => log.error('sweep_failed', { error: String(error) }));
  });
  const history = createHistoryGuard(
    { ...ports, history: store.history },
    {
      everyMs: config.leaseMs / 3,
      horizonMs: config.horizonMs,
      confirmRestored: options.confirmRestored ?? false,
      remembering: options.remembering,
    },
  );
  const uses = createKeyUses();
  const keyRing = withStoredKeys({
    ...ports,
    configured: ports.keyRing,
    records: () => toolbox.keys(),
    fresh: () => toolbox.fresh(),
    used: (keyId, at) => uses.note(keyId, at),
  });
  const deps: EngineDeps = {
    ...ports,
    keyRing,
    tools: toolbox,
    settled: createSettledExecutions(config.retentionMs),
    identities: createRecent(RECENT_REQUESTS),
    policies: createPolicies({ ...ports, tools: toolbox }),
    lease,
    history,
    config,
    channels: options.sender?.channels ?? NOBODY,
    publicUrl: options.publicUrl ?? null,
    closing,
    pending: new Set(),
    underWay: options.underWay ?? createTally(),
  };
  const drivers = createDrivers(deps);
  const sweep = createSweep(drivers, deps);
  return { deps, toolbox, lease, drivers, history, sweep, tellKeyUses: () => uses.tell(store.registry) };
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
