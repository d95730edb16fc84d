import { crashPoints, races } from './manifest/crashes-and-races.js';
import { databases, delivery, files } from './manifest/databases-and-files.js';
import type { Scenario } from './manifest/scenario.js';
import { tools, zombies } from './manifest/time-and-tools.js';

/** Every fault that this product is to survive, by number, and where that is proven. */
export const SCENARIOS: readonly Scenario[] = [
  ...crashPoints,
  ...races,
  ...zombies,
  ...tools,
  ...databases,
  ...files,
  ...delivery,
];
