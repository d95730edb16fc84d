import { connect } from 'node:net';

/** @typedef {{ readonly heapUsed: number, readonly external: number, readonly rss: number, readonly handles: number, readonly files: number | null }} Held */

/** What the process with the probe holds at this moment. @param {string} path @returns {Promise<Held>} */
export function askProbe(path) {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => (text += chunk));
    socket.on('error', reject);
    socket.on('end', () => {
      try {
        resolve(JSON.parse(text));
      } catch (cause) {
        reject(new Error('the probe said nothing', { cause }));
      }
    });
  });
}
