import { createConnection } from 'node:net';

/**
 * Bytes on a socket, as a client sends them that no HTTP library would; what comes back until the gateway closes it. Rejects
 * where it is still open after 3 s.
 */
export function sendRaw(url: string, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = createConnection({ host: hostname, port: Number(port) }, () =>
      socket.write(bytes, 'latin1'),
    );
    let text = '';
    socket.on('data', (d) => (text += d.toString('utf8')));
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
    setTimeout(() => socket.destroy(new Error(`still open after ${JSON.stringify(text)}`)), 3_000).unref();
  });
}
