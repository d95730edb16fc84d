// Preloaded into the gateway under soak (node --expose-gc --import): says, on a socket of its own, what the process holds
// once the garbage is collected. The gateway knows nothing of it.
//   SOAK_PROBE  where the socket is
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';

/* Twice: what the first collection finalizes, the second one frees. */
const COLLECTIONS = 2;

createServer((socket) => {
  for (let i = 0; i < COLLECTIONS; i += 1) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const handles = process.getActiveResourcesInfo().length;
  socket.end(JSON.stringify({ heapUsed, external, rss, handles, files: countFiles() }));
})
  .listen(process.env['SOAK_PROBE'])
  .unref();

/** Open file descriptors; null where the system does not tell. */
function countFiles() {
  try {
    return readdirSync('/dev/fd').length;
  } catch {
    return null;
  }
}
