import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicroseconds, residentMb } from './processes.mjs';
import { spread } from './statistics.mjs';
import { startGateway } from './subjects/gateway.mjs';
/** @import { Site, StartResult } from './types.ts' */

const IDLE_AFTER_MS = 2_000;

/**
 * How long the gateway takes from the start of its process to its first 200 on /ready, and how much memory it holds when
 * nothing happens. Every start is on a new file, migrations included.
 * @param {Site} site
 * @param {{ readonly starts: number, readonly idleMs?: number }} options
 * @returns {Promise<StartResult>}
 */
export async function measureStart(site, { starts, idleMs = IDLE_AFTER_MS }) {
  const readyMs = [];
  const readyCpuMs = [];
  const idleRssMb = [];
  for (let i = 0; i < starts; i += 1) {
    const from = performance.now();
    const gateway = await startGateway(site);
    const answer = await fetch(`${gateway.url}/ready`);
    if (answer.status !== 200) throw new Error(`/ready answered ${answer.status} after the ready line`);
    readyMs.push(performance.now() - from);
    const cpu = cpuMicroseconds(gateway.pid);
    if (cpu !== null) readyCpuMs.push(cpu / 1000);
    await sleep(idleMs);
    idleRssMb.push(residentMb(gateway.pid));
    await gateway.stop();
  }
  return {
    readyMs: spread(readyMs),
    readyCpuMs: readyCpuMs.length === 0 ? null : spread(readyCpuMs),
    idleRssMb: spread(idleRssMb),
  };
}
