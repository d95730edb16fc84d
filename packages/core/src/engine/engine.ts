import { hostname } from 'node:os';
import type {
  ExecutionState,
  ProviderRegistration,
  Refusal,
  Scope,
  ToolRegistration,
  ToolView,
  TraceRecord,
} from '@invoke/contract';
import { decideHeldScope, decidePrincipal } from '../domain/access/decide-principal.js';
import type { Principal } from '../domain/access/principal.js';
import type { ExecutionRecord } from '../domain/execution/execution-record.js';
import type { ProviderRecord, ToolDefinition } from '../domain/tool/tool-definition.js';
import { allows } from '../domain/tool/decide-tool.js';
import { toToolView } from '../domain/tool/to-tool-view.js';
import type { Store } from '../ports/store.js';
import type { TraceQuery } from '../ports/trace-store.js';
import { answerOwn, answerStopped, awaitEnd, type CallAnswer } from './answer.js';
import { createContext, type CallInput } from './context.js';
import { DEFAULT_CONFIG, type EngineConfig, type EngineDeps } from './deps.js';
import { createDrivers } from './drivers.js';
import { startHousekeeping } from './housekeeping.js';
import { createLease } from './lease.js';
import { registerProvider, registerTool, type Registered, type RegisterPorts } from './register.js';
import { recoverOrphans } from './recover.js';
import { toUnreadTrace, type UnreadCall } from './to-trace-record.js';
import { runPipeline } from './run-pipeline.js';
import { within } from './timers.js';
import { createToolbox } from './toolbox.js';

/** What an engine is made of; everything that reaches the world. */
export type EnginePorts = Omit<EngineDeps, 'tools' | 'lease' | 'config' | 'closing'> &
  Pick<RegisterPorts, 'schemas' | 'addresses'>;

export interface EngineOptions {
  readonly config?: Partial<EngineConfig>;
  /** Tools that come with the program. */
  readonly builtin?: readonly ToolDefinition[];
  readonly version?: string;
}

export type Authorized =
  | { readonly kind: 'ok'; readonly principal: Principal }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export interface ExecutionFilter {
  readonly limit: number;
  readonly before: string | null;
  readonly state: ExecutionState | null;
  readonly tool: string | null;
  readonly agentId: string | null;
}

/** The one engine behind every entry path. */
export interface Engine {
  /** Registers this incarnation, loads the tools and takes over what others left behind. */
  start(): Promise<void>;
  /** Waits for what is under way, at most `graceMs`; what is left is handed over. */
  stop(graceMs: number): Promise<void>;
  /** Walks the pipeline. */
  call(input: CallInput): Promise<CallAnswer>;
  /** Who a key stands for, if it holds a scope; for everything that is not a call. */
  authorize(rawKey: string, scope: Scope | null): Promise<Authorized>;
  tools(principal: Principal, search: string | null): readonly ToolView[];
  execution(principal: Principal, id: string, waitMs?: number): Promise<ExecutionRecord | null>;
  executions(principal: Principal, filter: ExecutionFilter): Promise<readonly ExecutionRecord[]>;
  traces(principal: Principal, query: Omit<TraceQuery, 'tenant'>): Promise<readonly TraceRecord[]>;
  /** Refuses a request to act that could not even be read: to a caller who is known, and with a trace. */
  refuse(unread: UnreadCall): Promise<CallAnswer & { kind: 'refused' }>;
  providers(principal: Principal): readonly ProviderRecord[];
  /** Whether writes would be durable now. */
  check(): ReturnType<Store['check']>;
  registerProvider(principal: Principal, request: ProviderRegistration): Promise<Registered<ProviderRecord>>;
  registerTool(
    principal: Principal,
    target: { providerId: string; request: ToolRegistration },
  ): Promise<Registered<ToolDefinition>>;
  /** Executions that this gateway is driving now. */
  driving(): number;
}

export function createEngine(ports: EnginePorts, options: EngineOptions = {}): Engine {
  const config = { ...DEFAULT_CONFIG, ...options.config };
  const { store, clock, ids, log } = ports;
  let closing = false;
  let stopHousekeeping: (() => void) | null = null;
  const toolbox = createToolbox(
    { registry: store.registry, schemas: ports.schemas, clock, log },
    options.builtin ?? [],
  );
  const sweep = () => recoverOrphans(drivers, deps);
  const lease = createLease(
    { incarnations: store.incarnations, clock, ids, log },
    {
      leaseMs: config.leaseMs,
      host: hostname(),
      pid: process.pid,
      version: options.version ?? '0',
      onRebirth() {
        drivers.abandon();
        void sweep().catch((error: unknown) => log.error('sweep_failed', { error: String(error) }));
      },
    },
  );
  const deps: EngineDeps = { ...ports, tools: toolbox, lease, config, closing: () => closing };
  const drivers = createDrivers(deps);
  const register: RegisterPorts = { ...ports, toolbox };

  return {
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
    async call(input) {
      const ctx = createContext(input, ids.trace(), clock.now());
      await runPipeline(ctx, deps, { from: 'authenticate', until: 'execute' });
      if (ctx.stop !== null || ctx.run === null) {
        await runPipeline(ctx, deps, { from: 'record' });
        return answerStopped(ctx, drivers, deps);
      }
      await within(drivers.drive(ctx), input.request.timeout_ms ?? config.callDeadlineMs, clock);
      return answerOwn(ctx);
    },
    async authorize(rawKey, scope) {
      const principal = rawKey === '' ? null : await ports.keyRing.find(rawKey);
      const known = decidePrincipal(principal, clock.now());
      if (known.kind === 'refuse' || principal === null) {
        return {
          kind: 'refused',
          refusal: known.kind === 'refuse' ? known.refusal : { code: 'unauthenticated', message: '' },
        };
      }
      const held = scope === null ? known : decideHeldScope(principal, scope);
      return held.kind === 'refuse' ? { kind: 'refused', refusal: held.refusal } : { kind: 'ok', principal };
    },
    tools: (principal, search) =>
      toolbox
        .catalogue()
        .all(principal.tenant)
        .filter((t) => principal.allowedTools === null || allows(principal.allowedTools, t))
        .map(toToolView)
        .filter((view) => matches(view, search)),
    async execution(principal, id, waitMs = 0) {
      const record = await store.executions.find(principal.tenant, id);
      return record === null || waitMs === 0 ? record : awaitEnd(record, waitMs, { drivers, deps });
    },
    executions: (principal, filter) => store.executions.list({ tenant: principal.tenant, ...filter }),
    traces: (principal, query) => store.traces.list({ tenant: principal.tenant, ...query }),
    async refuse(unread) {
      const { credential } = unread;
      const known: Authorized =
        credential.kind === 'principal'
          ? { kind: 'ok', principal: credential.principal }
          : await this.authorize(credential.raw, 'tools:call');
      const refusal = known.kind === 'refused' ? known.refusal : unread.refusal;
      const trace = toUnreadTrace({ ...unread, refusal }, known.kind === 'ok' ? known.principal : null, {
        traceId: ids.trace(),
        at: clock.now(),
      });
      store.traces.append(trace);
      return { kind: 'refused', refusal, traceId: trace.trace_id };
    },
    providers: (principal) => toolbox.providers(principal.tenant),
    check: () => store.check(),
    registerProvider: (principal, request) => registerProvider(principal, request, register),
    registerTool: (principal, target) => registerTool(principal, target, register),
    driving: () => drivers.count(),
  };
}

function matches(view: ToolView, search: string | null): boolean {
  if (search === null || search === '') return true;
  const { name, key, description, capability_card: card } = view;
  const text = [name, key, description, card.capability ?? '', ...card.tags].join('\n').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
