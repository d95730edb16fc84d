import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from '../kit/sleep.js';
import { LOOP_SECONDS, patroniConfig } from './patroni-config.js';
import { findPrograms, freePorts, killAll, openWorkplace, processes, processesOf } from './processes.js';

export interface ClusterNode {
  readonly name: string;
  readonly postgresPort: number;
  /** Patroni's own interface. */
  readonly restPort: number;
}

export interface Member {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly timeline?: number;
}

/** Three Postgres servers under Patroni, and the etcd that knows who leads. */
export interface Cluster extends AsyncDisposable {
  readonly nodes: readonly ClusterNode[];
  /** Resolves with the leader's name when two standbys follow it, and one of them is the synchronous one where there is to be one. */
  healthy(withinMs: number): Promise<string>;
  /** Kill -9 of everything that this node runs, Patroni first. `stallMs`: it stops sending to its standbys this long before. */
  kill(name: string, stallMs?: number): Promise<void>;
  /**
   * Stops everything that this node runs where it is: nobody answers, and no connection breaks. Postgres first, as where a disk
   * hangs; then Patroni, while its loop waits for Postgres: later it goes on in the middle of that loop.
   */
  freeze(name: string): Promise<void>;
  /** It goes on where it was, with what it knew then: that it leads. */
  thaw(name: string): void;
  /** As whatever starts servers would. */
  restart(name: string): void;
}

const NODES = ['node1', 'node2', 'node3'];
const START_MS = 90_000;

export async function startCluster({ synchronous }: { readonly synchronous: boolean }): Promise<Cluster> {
  const programs = findPrograms();
  await using stack = new AsyncDisposableStack();
  const place = stack.use(openWorkplace());
  const { folder, user } = place;
  const [etcd = 0, peer = 0, ...ports] = await freePorts(2 + 2 * NODES.length);
  place.start('etcd', etcdCommand(folder, etcd, peer));
  const nodes = NODES.map((name, i) => ({
    name,
    postgresPort: ports[2 * i] ?? 0,
    restPort: ports[2 * i + 1] ?? 0,
  }));
  for (const { name, postgresPort, restPort } of nodes) {
    mkdirSync(join(folder, name));
    if (user !== null) chownSync(join(folder, name), user.uid, user.gid);
    const own = { postgres: postgresPort, rest: restPort, etcd };
    const config = patroniConfig({ name, folder, programs: programs.postgres, ports: own, synchronous });
    writeFileSync(join(folder, name, 'patroni.yml'), config);
  }
  const start = (name: string) => void place.start(name, ['patroni', join(folder, name, 'patroni.yml')]);
  const cluster: Cluster = {
    nodes,
    healthy: (withinMs) => healthy(nodes, { synchronous, withinMs }),
    async kill(name, stallMs = 0) {
      if (stallMs > 0) {
        killAll(walSendersOf(join(folder, name)), 'SIGSTOP');
        await sleep(stallMs);
      }
      killAll(processesOf(`${join(folder, name)}/`));
    },
    async freeze(name) {
      killAll(processesOf(join(folder, name, 'data')), 'SIGSTOP');
      await sleep((LOOP_SECONDS + 1) * 1_000);
      killAll(processesOf(`${join(folder, name)}/`), 'SIGSTOP');
    },
    thaw: (name) => killAll(processesOf(`${join(folder, name)}/`), 'SIGCONT'),
    restart: start,
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
  // The first one makes the cluster, the others copy it.
  start(NODES[0] ?? '');
  await leaderOf(nodes, START_MS).catch((error: unknown) => {
    throw new Error(`the cluster did not start: ${lastWords(folder)}`, { cause: error });
  });
  for (const name of NODES.slice(1)) start(name);
  await cluster.healthy(START_MS);
  stack.move();
  return cluster;
}

function etcdCommand(folder: string, client: number, peer: number): readonly string[] {
  const url = (port: number) => `http://127.0.0.1:${port}`;
  const options = {
    name: 'etcd',
    'data-dir': join(folder, 'etcd'),
    'listen-client-urls': url(client),
    'advertise-client-urls': url(client),
    'listen-peer-urls': url(peer),
    'initial-advertise-peer-urls': url(peer),
    'initial-cluster': `etcd=${url(peer)}`,
    // It leads itself, also when it is given its turns late.
    'heartbeat-interval': '500',
    'election-timeout': '5000',
  };
  return ['etcd', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])];
}

function lastWords(folder: string): string {
  return ['etcd', NODES[0]]
    .map((name) => `${name}: ${readFileSync(join(folder, `${name}.log`), 'utf8').slice(-1_500)}`)
    .join('\n');
}

function walSendersOf(folder: string): readonly number[] {
  const own = new Set(processesOf(`${folder}/`));
  return processes()
    .filter((p) => own.has(p.pid) && p.command.includes('walsender'))
    .map((p) => p.pid);
}

async function leaderOf(nodes: readonly ClusterNode[], withinMs: number): Promise<string> {
  for (const until = performance.now() + withinMs; performance.now() < until; await sleep(250)) {
    for (const node of nodes) if (await leads(node)) return node.name;
  }
  throw new Error(`no leader within ${withinMs} ms`);
}

async function healthy(
  nodes: readonly ClusterNode[],
  { synchronous, withinMs }: { readonly synchronous: boolean; readonly withinMs: number },
): Promise<string> {
  let last: readonly Member[] = [];
  for (const until = performance.now() + withinMs; performance.now() < until; await sleep(500)) {
    last = await membersOf(nodes);
    const leader = last.find((m) => m.role === 'leader' && m.state === 'running');
    // One that led before is back only when it has left its own timeline.
    const standbys = last.filter(
      (m) =>
        m.role !== 'leader' && ['running', 'streaming'].includes(m.state) && m.timeline === leader?.timeline,
    );
    const guarded = !synchronous || standbys.some((m) => m.role === 'sync_standby');
    if (leader !== undefined && standbys.length === nodes.length - 1 && guarded) return leader.name;
  }
  throw new Error(`not healthy within ${withinMs} ms: ${JSON.stringify(last)}`);
}

async function membersOf(nodes: readonly ClusterNode[]): Promise<readonly Member[]> {
  for (const { restPort } of nodes) {
    const body = await ask(restPort, 'cluster');
    if (body !== null) return ((await body.json()) as { members?: readonly Member[] }).members ?? [];
  }
  return [];
}

/** Whether this node holds the lock of the leader and is one. */
export async function leads({ restPort }: ClusterNode): Promise<boolean> {
  const response = await ask(restPort, 'primary');
  await response?.body?.cancel();
  return response?.status === 200;
}

const ANSWER_MS = 2_000;

async function ask(port: number, path: string): Promise<Response | null> {
  try {
    return await fetch(`http://127.0.0.1:${port}/${path}`, { signal: AbortSignal.timeout(ANSWER_MS) });
  } catch {
    return null;
  }
}
