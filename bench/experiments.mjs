import { runBenchmark } from './benchmark.mjs';
import { runGrowth } from './growth/run-growth.mjs';
import { runPeers } from './peers/run-peers.mjs';
import { runSoak } from './soak/run-soak.mjs';
/** @import { Conditions } from './compare.mjs' */
/** @import { Experiment, Options } from './options.mjs' */
/** @import { Section } from './types.ts' */

/**
 * @typedef {object} Bench
 * @property {Options} options
 * @property {Conditions} conditions
 */

/** What an experiment says; when, where and by which command is added to it. @typedef {Omit<Section, 'command' | 'date' | 'minutes' | 'machine'>} Finding */

/** @type {Readonly<Record<Experiment, (bench: Bench) => Promise<Finding>>>} */
export const EXPERIMENTS = {
  benchmark: runBenchmark,
  peers: runPeers,
  growth: runGrowth,
  soak: runSoak,
};
