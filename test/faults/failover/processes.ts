import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whom the servers run as: Postgres refuses root. Null: whoever we are. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

export function serverUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

const POSTGRES = '/usr/lib/postgresql';

export interface Programs {
  /** Where `postgres`, `initdb` and `pg_rewind` are. */
  readonly postgres: string;
}

/** Throws one line that says what is missing. */
export function findPrograms(): Programs {
  const folders = existsSync(POSTGRES) ? readdirSync(POSTGRES) : [];
  const found = folders
    .toSorted((a, b) => Number(b) - Number(a))
    .map((version) => join(POSTGRES, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'pg_rewind')));
  const missing = [
    ...(isOnPath('patroni') ? [] : ['patroni']),
    ...(isOnPath('etcd') ? [] : ['etcd-server']),
    ...(found === undefined ? ['postgresql'] : []),
  ];
  if (found === undefined || missing.length > 0)
    throw new Error(`missing here: ${missing.join(', ')} (Debian: apt-get install -y ${missing.join(' ')})`);
  return { postgres: found };
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}

export interface Workplace extends AsyncDisposable {
  readonly folder: string;
  readonly user: ServerUser | null;
  /** Starts a server that writes its log to a file; `name` is the name of both. */
  start(name: string, command: readonly string[]): ChildProcess;
}

/** A folder of the servers' own. Servers in it end with us, whatever ends us, and the folder goes. */
export function openWorkplace(): Workplace {
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), 'invoke-failover-'));
  chmodSync(folder, 0o755);
  if (user !== null) chownSync(folder, user.uid, user.gid);
  const guard = guardAgainstLeftovers(folder);
  return {
    folder,
    user,
    start(name, [program = '', ...args]) {
      const log = openSync(join(folder, `${name}.log`), 'a', 0o644);
      const child = spawn(program, args, {
        cwd: folder,
        stdio: ['ignore', log, log],
        // A group of its own: Ctrl-C is for us, and we end the servers in order.
        detached: true,
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          LC_ALL: 'C.UTF-8',
          ETCD_UNSUPPORTED_ARCH: process.arch,
        },
        ...user,
      });
      closeSync(log);
      return child;
    },
    [Symbol.asyncDispose]() {
      killAll(processesOf(folder));
      guard.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

/**
 * All processes that were started with a path below this folder, and what these have started: nothing of anybody else, also
 * where the number of a process that is gone has been given to another one.
 */
export function processesOf(path: string): readonly number[] {
  const all = processes();
  const found = new Set(
    all.filter((p) => p.command.includes(path) && p.pid !== process.pid).map((p) => p.pid),
  );
  for (let size = 0; size < found.size;) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

export function processes(): readonly RunningProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const status = readFileSync(`/proc/${name}/status`, 'utf8');
        return [{ pid: Number(name), parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]), command }];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}

/** At once: nobody gets to do anything about the end of another. */
export function killAll(pids: readonly number[], signal: NodeJS.Signals = 'SIGKILL'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

/** Waits for our end (its standard input closes, also after kill -9), then ends every process that names the folder. */
function guardAgainstLeftovers(folder: string): ChildProcess {
  const script = `read -r _; for p in /proc/[0-9]*; do
    [ "$p" = "/proc/$$" ] || { grep -qsaF -- "$1" "$p/cmdline" && kill -KILL "\${p#/proc/}" 2>/dev/null; }
  done; sleep 2; rm -rf "$1"`;
  const child = spawn('sh', ['-c', script, 'sh', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.unref();
  return child;
}

export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
