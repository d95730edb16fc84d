/** The password of all roles: the servers listen on loopback only, and last as long as the run. */
export const PASSWORD = 'failover';

export interface NodeConfig {
  readonly name: string;
  readonly folder: string;
  readonly programs: string;
  readonly ports: { readonly postgres: number; readonly rest: number; readonly etcd: number };
  readonly synchronous: boolean;
}

/** Seconds after which a leader that says nothing is not one any more; the least that Patroni allows. */
export const TTL_SECONDS = 20;

/** Seconds from one look of Patroni to the next. */
export const LOOP_SECONDS = 5;

/** What Patroni reads for one node; JSON is YAML. */
export function patroniConfig({ name, folder, programs, ports, synchronous }: NodeConfig): string {
  const rest = `127.0.0.1:${ports.rest}`;
  const postgres = `127.0.0.1:${ports.postgres}`;
  const login = (username: string) => ({ username, password: PASSWORD });
  return JSON.stringify({
    scope: 'invoke',
    name,
    restapi: { listen: rest, connect_address: rest },
    etcd3: { host: `127.0.0.1:${ports.etcd}` },
    bootstrap: {
      dcs: {
        ttl: TTL_SECONDS,
        loop_wait: LOOP_SECONDS,
        retry_timeout: 5,
        // So that a standby that is behind may lead, where that is what is to be seen.
        maximum_lag_on_failover: 64 * 1024 * 1024,
        synchronous_mode: synchronous,
        synchronous_mode_strict: synchronous,
        postgresql: {
          use_pg_rewind: true,
          parameters: { max_connections: 60, shared_buffers: '32MB', synchronous_commit: 'on' },
        },
      },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums'],
    },
    postgresql: {
      listen: postgres,
      connect_address: postgres,
      data_dir: `${folder}/${name}/data`,
      bin_dir: programs,
      pgpass: `${folder}/${name}/pgpass`,
      remove_data_directory_on_diverged_timelines: true,
      authentication: {
        superuser: login('postgres'),
        replication: login('replicator'),
        rewind: login('rewinder'),
      },
      parameters: { unix_socket_directories: `${folder}/${name}` },
      pg_hba: [
        'local all all trust',
        'host all all 127.0.0.1/32 scram-sha-256',
        'host replication replicator 127.0.0.1/32 scram-sha-256',
      ],
    },
  });
}
