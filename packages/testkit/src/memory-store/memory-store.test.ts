import { createManualClock } from '../fakes/manual-clock.js';
import { describeStore } from '../conformance/store/describe-store.js';
import { createMemoryStore } from './memory-store.js';

for (const soleOwner of [false, true]) {
  describeStore(`in memory, ${soleOwner ? 'one owner' : 'shared'}`, async () => {
    const clock = createManualClock();
    const store = createMemoryStore({ clock, soleOwner });
    return {
      store,
      soleOwner,
      elapse: (ms) => clock.advance(ms),
      [Symbol.asyncDispose]: () => store.close(),
    };
  });
}
