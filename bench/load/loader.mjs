// The load generator as a process of its own. Takes one LoadPlan after the other from its parent.
import { runLoad } from './run-load.mjs';
/** @import { LoadPlan } from '../types.ts' */

process.on('message', (/** @type {LoadPlan} */ plan) => {
  runLoad(plan).then(
    (result) => process.send?.({ kind: 'ran', result }),
    (error) =>
      process.send?.({ kind: 'broke', message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
